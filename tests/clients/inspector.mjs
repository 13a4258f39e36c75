// The official inspector's command line, configured for each era of the protocol.
//
//   node inspector.mjs URL

import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { headers, serverUrl, tell } from './story.mjs';

const INSPECTOR = createRequire(import.meta.url).resolve('../node_modules/.bin/mcp-inspector');
const ERAS = [
  { protocolEra: 'modern', revision: '2026-07-28' },
  { protocolEra: 'legacy', revision: '2025-11-25' },
];

/** The inspector's exit code for a result with `isError`. */
const TOOL_ERROR = 5;

async function inspect(config, ...args) {
  const line = [INSPECTOR, '--cli', '--config', config, '--server', 'toolcell', '--format', 'json', ...args];
  // Without the setting it looks for a keychain first.
  const env = { ...process.env, MCP_INSPECTOR_SECRET_STORE: 'memory' };
  try {
    return JSON.parse((await promisify(execFile)(process.execPath, line, { env })).stdout).result;
  } catch (failure) {
    if (failure.code === TOOL_ERROR && failure.stdout) return JSON.parse(failure.stdout).result;
    throw failure;
  }
}

async function run(url, { protocolEra, revision }) {
  const directory = await mkdtemp(join(tmpdir(), 'inspector-'));
  const config = join(directory, 'mcp.json');
  const server = { type: 'streamable-http', url, protocolEra, headers: headers() };
  await writeFile(config, JSON.stringify({ mcpServers: { toolcell: server } }));
  const driver = {
    name: `inspector, ${protocolEra}`,
    // It asks the server only for tools that are listed, and has no output for progress.
    unable: ['gets a protocol error for an unknown tool', 'hears of progress'],
    revision: async () => (await inspect(config, '--method', 'initialize')).protocolVersion,
    listTools: async () => (await inspect(config, '--method', 'tools/list', '--strict')).tools,
    callTool: (name, args) =>
      inspect(config, '--method', 'tools/call', '--tool-name', name, '--tool-args-json', JSON.stringify(args)),
  };
  try {
    await tell(driver, { revision });
  } finally {
    await rm(directory, { recursive: true });
  }
}

for (const era of ERAS) await run(serverUrl(), era);
