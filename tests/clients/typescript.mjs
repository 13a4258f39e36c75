// Runs the stories with the official TypeScript client, with each way to negotiate a revision.
//
//   node typescript.mjs samples|conformance|quiet URL|stdio:CONFIG

import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';

import { hearing, sdkClient } from './sdk-client.mjs';
import { INVALID_PARAMS } from './story/results.mjs';
import { ASKABLE, TIMEOUT_MS, User, command, commandLine, headers, tell } from './story/telling.mjs';

const NEGOTIATIONS = [
  { mode: 'auto', revision: '2026-07-28' },
  { mode: { pin: '2026-07-28' }, revision: '2026-07-28' },
  { mode: 'legacy', revision: '2025-11-25' },
];

async function run({ story, url }, { mode, revision }) {
  const user = new User();
  const client = new Client(
    { name: 'toolcell-tests', version: '1.0.0' },
    { versionNegotiation: { mode }, capabilities: ASKABLE },
  );
  for (const method of ['elicitation/create', 'sampling/createMessage', 'roots/list']) {
    client.setRequestHandler(method, async ({ params }) => user.answer(method, params));
  }
  const link = transport(url);
  await client.connect(link);
  const driver = {
    ...sdkClient(client),
    name: `typescript client, ${mode.pin ?? mode}`,
    user,
    heard: hearing(link),
    losesReports: command(url) !== undefined,
    // The client's own code; it does not pass on the server's.
    notFound: INVALID_PARAMS,
    revision: () => client.getNegotiatedProtocolVersion(),
    callTool: (name, args, onprogress) => client.callTool({ name, arguments: args }, { onprogress, timeout: TIMEOUT_MS }),
  };
  await tell(story, driver, { revision });
  await client.close();
}

function transport(url) {
  const started = command(url);
  if (started !== undefined) return new StdioClientTransport({ ...started, stderr: 'ignore' });
  return new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers: headers() } });
}

for (const negotiation of NEGOTIATIONS) await run(commandLine(), negotiation);
