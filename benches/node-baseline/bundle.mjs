// Bundles lambda.mjs as a user would deploy it: one minified file, with Node's compile cache in the same folder, filled
// by a server that has answered a call.
//
// Usage: node bundle.mjs DIRECTORY

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const CALL = {
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: {
    name: 'make_slug',
    arguments: { text: 'Crème Brûlée', max_length: 80 },
    _meta: {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': { name: 'bundle', version: '1.0.0' },
      'io.modelcontextprotocol/clientCapabilities': {},
    },
  },
};

const HEADERS = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
  'mcp-protocol-version': '2026-07-28',
  'mcp-method': 'tools/call',
  'mcp-name': 'make_slug',
};

async function bundle(directory) {
  const input = join(dirname(fileURLToPath(import.meta.url)), 'lambda.mjs');
  const build = await rolldown({ input, platform: 'node', treeshake: true });
  const file = join(directory, 'lambda.mjs');
  await build.write({ file, format: 'esm', minify: true, codeSplitting: false });
  await build.close();
  return file;
}

async function freePort() {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address();
  listener.close();
  await once(listener, 'close');
  return port;
}

async function answer(url) {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await fetch(url, { method: 'POST', headers: HEADERS, body: JSON.stringify(CALL) });
    } catch (error) {
      if (attempt === 500) throw error;
      await sleep(20);
    }
  }
}

async function fillCache(file, cache) {
  rmSync(cache, { recursive: true, force: true });
  const port = await freePort();
  const env = { ...process.env, NODE_COMPILE_CACHE: cache, NODE_ENV: 'production', PORT: String(port) };
  const server = spawn(process.execPath, [file], { env, stdio: 'inherit' });
  const { result } = await (await answer(`http://127.0.0.1:${port}/mcp`)).json();
  if (result?.content?.[0]?.text !== 'creme-brulee') throw new Error(`wrong answer: ${JSON.stringify(result)}`);
  server.kill('SIGTERM');
  await once(server, 'exit');
  if (readdirSync(cache).length === 0) throw new Error(`nothing in ${cache}`);
}

const directory = resolve(process.argv[2]);
const file = await bundle(directory);
await fillCache(file, join(directory, 'compile-cache'));
