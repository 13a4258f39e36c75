// Runs the stories with the command line of the official inspector, configured for each era of the protocol.
//
//   node inspector.mjs samples|conformance|quiet URL|stdio:CONFIG

import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { TIMEOUT_MS, command, commandLine, headers, tell } from './story/telling.mjs';

const INSPECTOR = createRequire(import.meta.url).resolve('../node_modules/.bin/mcp-inspector');
const ERAS = [
  { protocolEra: 'modern', revision: '2026-07-28' },
  { protocolEra: 'legacy', revision: '2025-11-25' },
];

/** The inspector's exit code for a result with `isError`. */
const TOOL_ERROR = 5;

/** The checks that its command line has no means for. It reports no codes, and answers only questions about roots. */
const UNABLE = {
  samples: ['gets a protocol error for an unknown tool', 'hears of progress'],
  conformance: [
    'gets a protocol error for an unknown tool',
    'hears of progress',
    'completes an argument',
    'is proposed nothing for an unknown prompt',
    'gets a protocol error for completing an unknown template',
  ],
};

async function inspect(config, method, ...args) {
  const server = ['--config', config, '--server', 'toolcell'];
  const line = [INSPECTOR, '--cli', ...server, '--format', 'json', '--quiet', '--method', method, ...args];
  // Without this setting it first looks for a keychain.
  const env = { ...process.env, MCP_INSPECTOR_SECRET_STORE: 'memory' };
  try {
    return JSON.parse((await promisify(execFile)(process.execPath, line, { env })).stdout).result;
  } catch (failure) {
    if (failure.code === TOOL_ERROR && failure.stdout) return JSON.parse(failure.stdout).result;
    throw failure;
  }
}

async function run({ story, url }, { protocolEra, revision }) {
  const directory = await mkdtemp(join(tmpdir(), 'inspector-'));
  const config = join(directory, 'mcp.json');
  const roots = [{ uri: 'file:///work', name: 'work' }];
  const started = command(url);
  const place = started === undefined ? { type: 'streamable-http', url, headers: headers() } : { type: 'stdio', ...started };
  const server = { ...place, protocolEra, roots };
  await writeFile(config, JSON.stringify({ mcpServers: { toolcell: server } }));
  const client = {
    ...driver((...args) => inspect(config, ...args)),
    name: `inspector, ${protocolEra}`,
    unable: UNABLE[story],
  };
  try {
    await tell(story, client, { revision });
  } finally {
    await rm(directory, { recursive: true });
  }
}

function driver(ask) {
  return {
    revision: async () => (await ask('initialize')).protocolVersion,
    listTools: async () => (await ask('tools/list', '--strict')).tools,
    callTool: (name, args) => ask('tools/call', '--tool-name', name, '--tool-args-json', JSON.stringify(args)),
    listResources: async () => (await ask('resources/list')).resources,
    listTemplates: async () => (await ask('resources/templates/list')).resourceTemplates,
    readResource: async (uri) => (await ask('resources/read', '--uri', uri)).contents,
    listPrompts: async () => (await ask('prompts/list')).prompts,
    getPrompt: (name, args = {}) => {
      const pairs = Object.entries(args).map(([key, value]) => `${key}=${value}`);
      return ask('prompts/get', '--prompt-name', name, ...(pairs.length > 0 ? ['--prompt-args', ...pairs] : []));
    },
    refusal: (failure) => ({ message: JSON.parse(failure.stderr).error.message }),
  };
}

for (const era of ERAS) await run(commandLine(), era);
