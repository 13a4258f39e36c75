// Runs the stories with the v1 line of the official TypeScript SDK, whose last revision is 2025-11-25.
//
//   node typescript-v1.mjs samples|conformance|quiet URL

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';

import { sdkClient } from './sdk-client.mjs';
import { ASKABLE, TIMEOUT_MS, User, commandLine, headers, tell } from './story/telling.mjs';

const { story, url } = commandLine();
const user = new User();
const client = new Client({ name: 'toolcell-tests', version: '1.0.0' }, { capabilities: ASKABLE });
for (const schema of [ElicitRequestSchema, CreateMessageRequestSchema, ListRootsRequestSchema]) {
  client.setRequestHandler(schema, async ({ method, params }) => user.answer(method, params));
}
const transport = new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers: headers() } });
await client.connect(transport);
const driver = {
  ...sdkClient(client),
  name: 'typescript sdk v1',
  user,
  revision: () => transport.protocolVersion,
  callTool: (name, args, onprogress) => client.callTool({ name, arguments: args }, undefined, { onprogress, timeout: TIMEOUT_MS }),
};
await tell(story, driver, { revision: '2025-11-25' });
await client.close();
