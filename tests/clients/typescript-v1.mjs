// Runs the stories with the v1 line of the official TypeScript SDK, whose last revision is 2025-11-25.
//
//   node typescript-v1.mjs samples|conformance|quiet URL|stdio:CONFIG

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';

import { hearing, sdkClient } from './sdk-client.mjs';
import { ASKABLE, TIMEOUT_MS, User, command, commandLine, headers, tell } from './story/telling.mjs';

const { story, url } = commandLine();
const user = new User();
const client = new Client({ name: 'toolcell-tests', version: '1.0.0' }, { capabilities: ASKABLE });
for (const schema of [ElicitRequestSchema, CreateMessageRequestSchema, ListRootsRequestSchema]) {
  client.setRequestHandler(schema, async ({ method, params }) => user.answer(method, params));
}
const started = command(url);
const transport =
  started === undefined
    ? new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers: headers() } })
    : new StdioClientTransport({ ...started, stderr: 'ignore' });
// Over stdio, the client tells the revision to its transport alone if that wants to know it.
let negotiated;
transport.setProtocolVersion = ((told) => (version) => {
  negotiated = version;
  told?.(version);
})(transport.setProtocolVersion?.bind(transport));
await client.connect(transport);
const driver = {
  ...sdkClient(client),
  name: 'typescript sdk v1',
  user,
  heard: hearing(transport),
  losesReports: command(url) !== undefined,
  revision: () => negotiated,
  callTool: (name, args, onprogress) => client.callTool({ name, arguments: args }, undefined, { onprogress, timeout: TIMEOUT_MS }),
};
await tell(story, driver, { revision: '2025-11-25' });
await client.close();
