// Starts an authorization server whose only user signs in and consents by itself: npm `oidc-provider` on localhost.
//
// It takes clients in every way that MCP knows: registered beforehand, by a client ID metadata document, and
// dynamically. Its access tokens are JWTs for the `resource` that a client asks for. It keeps what it was asked, so that
// a check can see what a client really did.

import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';

import Provider from 'oidc-provider';

import { freePort } from '../../authorization/port.mjs';

/** The scopes that the issuer knows, besides those of OpenID Connect. */
export const SCOPES = ['text.read', 'text.write'];

/** The address at which clients are called back, on their own machine. */
export const CALLBACK = `http://127.0.0.1:${await freePort()}/oauth/callback`;

/** A client that is registered beforehand, and one that describes itself at its address. */
export const REGISTERED = { client_id: 'registered', client_secret: 'for-the-tests-alone-0123456789' };
export const DOCUMENT = 'https://client.example/metadata.json';

const USER = 'alice';
const HOUR = 3600;

/** Starts the issuer on a port that is free. */
export async function startIssuer() {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://localhost:${server.address().port}`;
  const asked = [];
  const provider = new Provider(url, configuration());
  keepNoScopes(provider.Client.adapter);
  provider.on('server_error', (_, error) => console.error('issuer:', error));
  server.on('request', async (request, response) => {
    if (request.url.startsWith('/interaction/')) return signIn(provider, request, response);
    record(asked, request, response);
    provider.callback()(request, response);
  });
  return { url, port: server.address().port, asked, stop: () => server.close() };
}

function configuration() {
  const client = { redirect_uris: [CALLBACK], grant_types: ['authorization_code', 'refresh_token'] };
  return {
    clients: [{ ...client, ...REGISTERED }],
    jwks: { keys: [key('rsa', { modulusLength: 2048 }, 'RS256'), key('ec', { namedCurve: 'P-256' }, 'ES256')] },
    scopes: ['openid', 'offline_access', ...SCOPES],
    cookies: { keys: ['for the tests alone'] },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    pkce: { required: () => true },
    issueRefreshToken: () => true,
    rotateRefreshToken: true,
    ttl: { AccessToken: HOUR, DeviceCode: HOUR, Grant: HOUR, Interaction: HOUR, RefreshToken: HOUR, Session: HOUR, IdToken: HOUR },
    fetch: describe,
    features: {
      devInteractions: { enabled: false },
      registration: { enabled: true },
      clientIdMetadataDocument: { enabled: true, ack: 'draft-02' },
      deviceFlow: { enabled: true },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        getResourceServerInfo: (_, resource) => ({
          scope: SCOPES.join(' '),
          audience: resource,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
  };
}

function key(kind, options, alg) {
  const jwk = generateKeyPairSync(kind, options).privateKey.export({ format: 'jwk' });
  return { ...jwk, alg, use: 'sig', kid: alg };
}

/** Answers for the address of the client that describes itself, which is no server that exists. */
async function describe(url, options) {
  if (String(url) !== DOCUMENT) return fetch(url, options);
  return Response.json({
    client_id: DOCUMENT,
    client_name: 'toolcell-tests',
    redirect_uris: [CALLBACK],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  });
}

/** Lets registered clients ask for more scopes than those that they registered with, as most servers do. */
function keepNoScopes(adapter) {
  const upsert = adapter.upsert.bind(adapter);
  adapter.upsert = (id, { scope, ...metadata }, ...rest) => upsert(id, metadata, ...rest);
}

/** Signs the user in and grants what the client asks for: the page on which a person would do so. */
async function signIn(provider, request, response) {
  const { params, grantId } = await provider.interactionDetails(request, response);
  const known = grantId === undefined ? undefined : await provider.Grant.find(grantId);
  const grant = known ?? new provider.Grant({ accountId: USER, clientId: params.client_id });
  if (params.scope) {
    grant.addOIDCScope(params.scope);
    if (params.resource) grant.addResourceScope(params.resource, params.scope);
  }
  const consent = { grantId: await grant.save() };
  await provider.interactionFinished(request, response, { login: { accountId: USER }, consent });
}

/** Keeps method, path and query of a request, and the form of one for tokens, which is read beside the provider. */
function record(asked, request, response) {
  const { pathname, searchParams } = new URL(request.url, 'http://localhost');
  const entry = { method: request.method, path: pathname, query: Object.fromEntries(searchParams) };
  const chunks = [];
  if (pathname === '/token') request.on('data', (chunk) => chunks.push(chunk));
  response.on('finish', () => {
    const body = Buffer.concat(chunks).toString();
    asked.push({ ...entry, status: response.statusCode, form: Object.fromEntries(new URLSearchParams(body)) });
  });
}
