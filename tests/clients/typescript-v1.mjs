// The v1 line of the official TypeScript SDK, which knows no revision after 2025-11-25.
//
//   node typescript-v1.mjs URL

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

import { headers, serverUrl, tell } from './story.mjs';

const client = new Client({ name: 'toolcell-tests', version: '1.0.0' });
const transport = new StreamableHTTPClientTransport(new URL(serverUrl()), { requestInit: { headers: headers() } });
await client.connect(transport);
const driver = {
  name: 'typescript sdk v1',
  revision: () => transport.protocolVersion,
  listTools: async () => (await client.listTools()).tools,
  callTool: (name, args, onprogress) => client.callTool({ name, arguments: args }, undefined, { onprogress }),
};
await tell(driver, { revision: '2025-11-25' });
await client.close();
