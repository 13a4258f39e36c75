// Lets the official inspector connect by what `toolcell connect` prints.
//
//   node connect.mjs samples|conformance|quiet URL|stdio:CONFIG

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import assert from 'node:assert/strict';

import { command, commandLine } from './story/telling.mjs';

const INSPECTOR = createRequire(import.meta.url).resolve('../node_modules/.bin/mcp-inspector');

const { url } = commandLine();
const { command: toolcell, args } = command(url) ?? command('stdio:');
const place = command(url) === undefined ? ['--url', url] : args.slice(2);
const token = process.env.TOOLCELL_TOKEN;
const named = ['--name', 'printed', ...(token === undefined ? [] : ['--token'])];
const printed = execFileSync(toolcell, ['connect', 'claude-code', ...place, ...named], {
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'ignore'],
});
assert.ok(token === undefined || !printed.includes(token), 'it prints no token');

const directory = mkdtempSync(join(tmpdir(), 'connect-'));
try {
  const config = join(directory, 'mcp.json');
  // As Claude Code reads it. The inspector has another name for HTTP.
  const read = printed.replaceAll('${TOOLCELL_TOKEN}', token).replace('"type": "http"', '"type": "streamable-http"');
  writeFileSync(config, read);
  const line = ['--cli', '--config', config, '--server', 'printed', '--format', 'json', '--quiet', '--method', 'tools/list'];
  const env = { ...process.env, MCP_INSPECTOR_SECRET_STORE: 'memory' };
  const said = execFileSync(process.execPath, [INSPECTOR, ...line], { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'ignore'] });
  assert.ok(JSON.parse(said).result.tools.length > 0, said);
  const guise = `${command(url) ? ', over stdio' : ''}${token === undefined ? '' : ', with a token'}`;
  console.log(`ok      inspector${guise}: connects by what \`toolcell connect\` printed`);
} finally {
  rmSync(directory, { recursive: true });
}
