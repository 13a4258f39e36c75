// Tries the options of run.mjs that are for a server that runs already, with `toolcell serve`: node options.mjs

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { published } from './key.mjs';
import { freePort } from './port.mjs';
import { startServer } from './server.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const ISSUER = 'https://login.example.com/tenant';
const folder = mkdtempSync(join(tmpdir(), 'options-'));

/** Options that do not go together, and what is said about them. */
const WRONG = [
  [[], 'expected either --start COMMAND or --server URL'],
  [['--start', 'true', '--server', 'http://127.0.0.1:1/mcp'], 'expected either --start'],
  [['--start', 'true', '--issuer-port', '1'], '--issuer-port means nothing beside --start'],
  [['--server', '127.0.0.1:1', '--issuer-port', '1'], '--server takes an address'],
  [['--server', 'http://127.0.0.1:1/mcp'], '--server takes --issuer-port PORT'],
  [['--server', 'http://127.0.0.1:1/mcp', '--issuer-port', '70000'], '--issuer-port takes a port'],
  [['--server', 'http://127.0.0.1:1/mcp', '--issuer', ISSUER], '--issuer takes --issuer-key'],
  [['--server', 'http://127.0.0.1:1/mcp', '--issuer-port', '1', '--tables', 'tokens'], '--tables means nothing beside --server'],
  [['--server', 'http://127.0.0.1:1/mcp', '--unknown'], '--unknown'],
];

const CHECKS = {
  'options that do not go together are refused': async () => {
    for (const [words, said] of WRONG) {
      const { code, stderr } = await run(words);
      assert.deepEqual([code, stderr.includes(said)], [2, true], `${words}: ${stderr}`);
    }
  },
  'a server that does not answer is named': async () => {
    const server = `http://127.0.0.1:${await freePort()}/mcp`;
    const { code, stderr } = await run(['--server', server, '--issuer-port', String(await freePort())]);
    assert.deepEqual([code, stderr], [2, `run.mjs: --server ${server} does not answer: ECONNREFUSED\n`]);
  },
  'a server that fetches the keys of the issuer refuses and accepts': async () => {
    const port = await freePort();
    await serving({ issuer: `http://localhost:${port}/default` }, async (server) => {
      assert.equal(await passed(['--server', server, '--issuer-port', String(port)]), 34);
    });
  },
  'a server with another address than its resource does, too': async () => {
    const [port, resource] = [await freePort(), 'https://mcp.example.com/mcp'];
    await serving({ issuer: `http://localhost:${port}/default`, resource }, async (server) => {
      const line = ['--server', server, '--issuer-port', String(port)];
      assert.equal(await passed([...line, '--resource', resource]), 34);
      assert.equal((await run(line)).code, 1, 'without the resource, every good token is refused');
    });
  },
  'a server with its keys in a file does, too, for a key in PEM and as JWK': async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = file('key.pem', privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const jwk = file('key.json', JSON.stringify({ ...privateKey.export({ format: 'jwk' }), kid: 'of the file' }));
    for (const [key, id] of [[pem, 'ES256'], [jwk, 'of the file']]) {
      const keys = file('keys.json', JSON.stringify({ keys: [published('ES256', privateKey, id)] }));
      const printed = await run([key], 'key.mjs');
      assert.deepEqual(JSON.parse(printed.stdout).keys[0].kid, id);
      await serving({ issuer: ISSUER, keys }, async (server) => {
        assert.equal(await passed(['--server', server, '--issuer-key', key, '--issuer', ISSUER]), 31);
      });
    }
  },
};

for (const [name, check] of Object.entries(CHECKS)) {
  try {
    await check();
  } catch (failure) {
    console.log(`FAILED  ${name}`);
    throw failure;
  }
  console.log(`ok      ${name}`);
}
rmSync(folder, { recursive: true });

/** Runs the table against a server, and returns how many good tokens it accepted. */
async function passed(words) {
  const { code, stdout, stderr } = await run(words);
  assert.equal(code, 0, stdout + stderr);
  return Number(/ refused and (\d+) accepted, 0 of them wrong/.exec(stdout)[1]);
}

async function run(words, script = 'run.mjs') {
  const child = spawn(process.execPath, [join(HERE, script), ...words]);
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr']) child[stream].on('data', (chunk) => (said[stream] += chunk));
  const [code] = await once(child, 'close');
  return { code, ...said };
}

/** Serves for an issuer while something is tried. */
async function serving({ issuer, resource, keys }, attempt) {
  const port = await freePort();
  const server = `http://127.0.0.1:${port}/mcp`;
  const command = `${keys === undefined ? '' : `KEYS='${keys}' `}'${process.execPath}' '${join(HERE, 'servers/toolcell.mjs')}'`;
  const told = { port, resource: resource ?? server, issuers: [{ url: issuer, profile: 'default' }], log: join(folder, 'log') };
  const stop = await startServer(command, told);
  try {
    await attempt(server);
  } finally {
    await stop();
  }
}

function file(name, text) {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}
