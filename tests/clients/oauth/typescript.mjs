// The official TypeScript clients, both lines of them, as the story drives them. They call what they have listed.

import { Client, StreamableHTTPClientTransport, UnauthorizedError } from '@modelcontextprotocol/client';
import { UnauthorizedError as UnauthorizedErrorV1 } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

import { SignIn } from './provider.mjs';
import { TOOLS } from './story.mjs';

/** The header that AWS puts in the place of `WWW-Authenticate`. */
const RENAMED = 'x-amzn-remapped-www-authenticate';

const V2 = {
  name: 'typescript client',
  client: () => new Client({ name: 'toolcell-tests', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } }),
  transport: (url, options) => new StreamableHTTPClientTransport(url, options),
  finish: (transport, answer) => transport.finishAuth(answer),
  isUnauthorized: (error) => error instanceof UnauthorizedError,
  stepsUp: true,
};

const V1 = {
  name: 'typescript client v1',
  client: () => new ClientV1({ name: 'toolcell-tests', version: '1.0.0' }),
  transport: (url, options) => new TransportV1(url, options),
  finish: (transport, answer) => transport.finishAuth(answer.get('code')),
  isUnauthorized: (error) => error instanceof UnauthorizedErrorV1,
  // With a refresh token, it refreshes where it had to ask its user, and gives up.
  stepsUp: false,
};

/** Makes drivers of both lines. `naming` tells whether they give a renamed challenge its name back. */
export function typescript({ way, url, issuer }, naming) {
  return [V2, V1].map((line) => driver(line, new URL(url), new SignIn(way, issuer.url), naming));
}

function driver(line, url, authProvider, naming) {
  const options = naming === 'named' ? { fetch: named } : {};
  // One connection for one call, and another one after the user has signed in: as the SDK's documentation has it.
  const attempt = async (tool) => {
    const client = line.client();
    const transport = line.transport(url, { ...options, authProvider });
    try {
      await client.connect(transport);
      const { tools } = await client.listTools();
      if (!tools.some(({ name }) => name === tool)) throw new Error(`the list has no tool ${tool}`);
      const { content } = await client.callTool({ name: tool, arguments: TOOLS[tool].args });
      return content[0].text;
    } catch (error) {
      if (!line.isUnauthorized(error)) throw error;
      await line.finish(transport, await authProvider.browse());
      return undefined;
    } finally {
      await client.close();
    }
  };
  return {
    name: line.name,
    stepsUp: line.stepsUp,
    call: async (tool) => (await attempt(tool)) ?? attempt(tool),
    spoil: () => authProvider.spoil(),
  };
}

/** Fetches as a client behind a Function URL has to, if it wants to read the challenge of a 403. */
export async function named(url, options) {
  const response = await fetch(url, options);
  const challenge = response.headers.get(RENAMED);
  if (challenge === null) return response;
  const headers = new Headers(response.headers);
  headers.set('www-authenticate', challenge);
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}
