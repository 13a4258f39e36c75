// The official TypeScript client, in each way to negotiate a revision.
//
//   node typescript.mjs URL

import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

import { headers, serverUrl, tell } from './story.mjs';

const NEGOTIATIONS = [
  { mode: 'auto', revision: '2026-07-28' },
  { mode: { pin: '2026-07-28' }, revision: '2026-07-28' },
  { mode: 'legacy', revision: '2025-11-25' },
];

async function run(url, { mode, revision }) {
  const client = new Client({ name: 'toolcell-tests', version: '1.0.0' }, { versionNegotiation: { mode } });
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers: headers() } }));
  const driver = {
    name: `typescript client, ${mode.pin ?? mode}`,
    revision: () => client.getNegotiatedProtocolVersion(),
    listTools: async () => (await client.listTools()).tools,
    callTool: (name, args, onprogress) => client.callTool({ name, arguments: args }, { onprogress }),
  };
  await tell(driver, { revision });
  await client.close();
}

for (const negotiation of NEGOTIATIONS) await run(serverUrl(), negotiation);
