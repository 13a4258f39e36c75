// Measures what the verification of an access token adds to a warm call: node cost.mjs [CALLS]
//
// `toolcell serve` runs twice, side by side: its caller has a token of the server's own, or an access token signed with
// ES256. Both make the same calls in turn, and the processor time of both processes is compared. TOOLCELL names the
// program; the figure of a release is in docs/benchmarks.md.

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { forge } from './forge.mjs';
import { Issuers } from './issuer.mjs';
import { makeKeys } from './key.mjs';
import { freePort } from './port.mjs';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const TOOLCELL = process.env.TOOLCELL ?? join(ROOT, 'target/debug/toolcell');
const CALLS = Number(process.argv[2] ?? 2000);
const ROUNDS = 5;
const TOKEN = 'tct_for-the-tests-alone-0123456789abcdefghijklm';
const PLUGIN = `[plugins.text]\nsource = "${join(ROOT, 'plugins/text')}"\nonly = ["count_text"]\n`;
const CALL = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name: 'count_text', arguments: { text: 'A text of six words indeed.' } },
});

const keys = makeKeys();
const issuers = await new Issuers(keys).start(0);
const issuer = issuers.add('/cost');
const folder = mkdtempSync(join(tmpdir(), 'cost-'));
const digest = createHash('sha256').update(TOKEN).digest('hex');
const own = await start('own', `[auth.bearer.principals.alice]\ntokens = ["sha256:${digest}"]\n`, () => TOKEN);
const signed = await start('signed', `[auth.oauth.issuers.cost]\nissuer = "${issuer}"\n`, (resource) => {
  return forge({}, { keys, issuer, resource, origin: issuers.origin, now: Math.floor(Date.now() / 1000) });
});
try {
  const rounds = [];
  for (let round = 0; round < ROUNDS + 1; round++) {
    const [one, other] = [await measure(own), await measure(signed)];
    // The first round warms both up.
    if (round > 0) rounds.push([one, other]);
  }
  const median = (values) => values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)];
  const [before, after, added] = [0, 1, undefined].map((at) => median(rounds.map((round) => round[at] ?? round[1] - round[0])));
  console.log(`cost: ${before.toFixed(0)} us of processor time for a call with a token of the server's own, ${after.toFixed(0)} us with ES256`);
  console.log(`cost: verification adds ${added.toFixed(0)} us (median of ${ROUNDS} rounds of ${CALLS} calls)`);
} finally {
  own.process.kill();
  signed.process.kill();
  issuers.stop();
  rmSync(folder, { recursive: true });
}

async function start(name, auth, token) {
  const port = await freePort();
  const config = join(folder, `${name}.toml`);
  writeFileSync(config, auth + PLUGIN);
  const loopback = ['--allow-loopback', new URL(issuers.origin).port];
  const line = ['serve', '--config', config, '--listen', `127.0.0.1:${port}`, '--log-level', 'error', ...loopback];
  const process = spawn(TOOLCELL, line, { stdio: ['ignore', 'ignore', 'pipe'] });
  await new Promise((resolve, reject) => {
    process.stderr.on('data', (chunk) => String(chunk).includes('/mcp') && resolve());
    process.once('exit', (code) => reject(new Error(`${TOOLCELL} ended with ${code}`)));
  });
  const url = `http://127.0.0.1:${port}/mcp`;
  return { process, url, token: token(url), agent: new Agent({ keepAlive: true, maxSockets: 1 }) };
}

/** Makes calls one after another, and returns the processor time of the server for each, in microseconds. */
async function measure(server) {
  const before = processorTime(server.process.pid);
  for (let call = 0; call < CALLS; call++) await ask(server);
  return (processorTime(server.process.pid) - before) / CALLS;
}

/** The processor time of all threads of a process, in microseconds. */
function processorTime(pid) {
  const tasks = readdirSync(`/proc/${pid}/task`);
  const times = tasks.map((task) => Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]));
  return times.reduce((sum, time) => sum + time, 0) / 1000;
}

function ask({ url, token, agent }) {
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream', authorization: `Bearer ${token}` };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent, headers: { ...headers, 'content-length': Buffer.byteLength(CALL) } }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => {
        const body = Buffer.concat(chunks).toString();
        if (response.statusCode === 200 && !body.includes('"isError":true')) resolve();
        else reject(new Error(`status ${response.statusCode}: ${body}`));
      });
    });
    sent.on('error', reject);
    sent.end(CALL);
  });
}
