// A resource server of the TypeScript SDK: `requireBearerAuth`, with a verifier on `jose` as its users write one.

import { createServer } from 'node:http';
import { Readable } from 'node:stream';

import { McpServer, OAuthError, OAuthErrorCode, createMcpHandler, requireBearerAuth } from '@modelcontextprotocol/server';
import { createRemoteJWKSet, jwtVerify } from 'jose';

const { PORT, RESOURCE, ISSUERS } = process.env;
const [{ url: issuer, jwks_uri }] = JSON.parse(ISSUERS);
const keys = createRemoteJWKSet(new URL(jwks_uri));

const verifier = {
  async verifyAccessToken(token) {
    try {
      const { payload } = await jwtVerify(token, keys, { issuer, audience: RESOURCE });
      const scopes = typeof payload.scope === 'string' ? payload.scope.split(' ') : [];
      return { token, clientId: payload.client_id ?? '', scopes, expiresAt: payload.exp, resource: new URL(RESOURCE) };
    } catch (error) {
      throw new OAuthError(OAuthErrorCode.InvalidToken, error.message);
    }
  },
};

const gate = requireBearerAuth({ verifier, expectedResource: new URL(RESOURCE) });
const handler = createMcpHandler(() => new McpServer({ name: 'typescript', version: '1.0.0' }));

createServer(async (incoming, outgoing) => {
  const headers = new Headers();
  for (let at = 0; at < incoming.rawHeaders.length; at += 2) headers.append(incoming.rawHeaders[at], incoming.rawHeaders[at + 1]);
  const body = Readable.toWeb(incoming);
  const request = new Request(new URL(incoming.url, RESOURCE), { method: incoming.method, headers, body, duplex: 'half' });
  const auth = await gate(request);
  const response = auth instanceof Response ? auth : await handler.fetch(request, { authInfo: auth });
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.end(Buffer.from(await response.arrayBuffer()));
}).listen(Number(PORT), '127.0.0.1');
