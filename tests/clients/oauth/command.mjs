// Tells the story of `toolcell auth`: its check of servers that are right and wrong, and its two ways to sign in.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { agree, browse } from './browser.mjs';
import { TOOLCELL } from './server.mjs';

/** Runs the checks: prints a line for each, and throws at the first failure. */
export async function tellCommand({ url, issuer, edge }) {
  const loopback = ['--allow-loopback', String(issuer.port)];
  for (const [name, check] of Object.entries(edge === 'serve' ? { ...CHECK, ...WRONG, ...LOGIN } : CHECK)) {
    try {
      await check({ url, issuer, edge, loopback });
    } catch (failure) {
      console.log(`FAILED  toolcell auth, at ${edge}: ${name}`);
      throw failure;
    }
    console.log(`ok      toolcell auth, at ${edge}: ${name}`);
  }
}

const CHECK = {
  'check finds nothing wrong': async ({ url, edge, loopback }) => {
    const { code, report } = await check(url, loopback);
    assert.equal(code, 0);
    assert.deepEqual(steps(report, 'wrong'), []);
    const notes = edge === 'lambda' ? ['the challenge'] : [];
    assert.deepEqual(steps(report, 'note'), notes);
    const right = ['a request without a token', 'metadata of the server', 'PKCE', 'registration of clients', 'keys'];
    for (const step of right) assert.ok(steps(report, 'ok').includes(step), step);
    const text = await run(['auth', 'check', url, ...loopback]);
    assert.match(text.stdout, /^ok {5}PKCE: S256$/m);
  },
};

/** What is wrong about a server or its authorization server, and the step that says so. */
const FAULTS = [
  ['a request without a token', { status: 200 }],
  ['metadata of the server', { resource: null }],
  ['metadata of the server', { resource: '<html>' }],
  ['`resource` in the metadata', { resource: { resource: 'https://other.example/mcp' } }],
  ['authorization servers', { resource: { authorization_servers: [] } }],
  ['`bearer_methods_supported`', { resource: { bearer_methods_supported: ['body'] } }],
  ['scopes that clients ask for', { resource: { scopes_supported: ['offline_access'] } }],
  ['metadata of the authorization server', { issuer: null }],
  ['metadata of the authorization server', { issuer: { issuer: 'https://other.example' } }],
  ['metadata of the authorization server', { resource: { authorization_servers: ['login.example.com'] } }],
  ['`authorization_endpoint`', { issuer: { authorization_endpoint: null } }],
  ['`token_endpoint`', { issuer: { token_endpoint: 'http://login.example.com/token' } }],
  ['PKCE', { issuer: { code_challenge_methods_supported: undefined } }],
  ['PKCE', { issuer: { code_challenge_methods_supported: ['plain'] } }],
  ['keys', { keys: { keys: [] } }],
  ['keys', { keys: null }],
];

const WRONG = {
  'check says each thing that is wrong, and ends with code 1': async () => {
    for (const [step, fault] of FAULTS) {
      const server = await faulty(fault);
      const { code, report } = await check(server.url, []);
      server.stop();
      assert.deepEqual([code, steps(report, 'wrong')], [1, [step]], JSON.stringify(fault));
      assert.ok(report.steps.find(({ state }) => state === 'wrong').next.length > 10);
    }
    const server = await faulty({});
    const { code } = await check(server.url, []);
    server.stop();
    assert.equal(code, 0, 'without a fault, nothing is wrong');
  },
};

const LOGIN = {
  'login gets a token by browser': async ({ url, issuer, loopback }) => {
    issuer.asked.length = 0;
    const { stdout } = await run(['auth', 'login', url, ...loopback], (page) => fetchBack(page));
    assert.equal(await status(url, stdout.trim()), 200);
    const question = issuer.asked.find(({ path, query }) => path === '/auth' && query.code_challenge).query;
    assert.deepEqual([question.resource, question.scope, question.code_challenge_method], [url, 'text.read', 'S256']);
  },
  'login writes a token to a file that only its owner can read': async ({ url, loopback }) => {
    const folder = await mkdtemp(join(tmpdir(), 'login-'));
    const file = join(folder, 'token');
    const line = ['auth', 'login', url, '--scope', 'text.read', '--scope', 'text.write', '--out', file, ...loopback];
    const { stdout } = await run(line, (page) => fetchBack(page));
    assert.deepEqual([stdout, (await stat(file)).mode & 0o777], ['', 0o600]);
    assert.equal(await status(url, (await readFile(file, 'utf8')).trim()), 200);
    const again = await run(line, (page) => fetchBack(page));
    assert.deepEqual([again.code, again.stdout], [3, '']);
    await rm(folder, { recursive: true });
  },
  'login gets a token on another device': async ({ url, loopback }) => {
    const { stdout } = await run(['auth', 'login', url, '--device', ...loopback], (page) => agree(page));
    assert.equal(await status(url, stdout.trim()), 200);
  },
  'login takes no answer to another question': async ({ url, loopback }) => {
    const foreign = async (page) => {
      const back = await browse(page, 'http://127.0.0.1');
      back.searchParams.set('state', 'of an attacker');
      await fetch(back);
    };
    const { code, stdout, stderr } = await run(['auth', 'login', url, ...loopback], foreign);
    assert.deepEqual([code, stdout], [3, '']);
    assert.match(stderr, /another `state`/);
  },
};

/** Runs `toolcell`; `visit` opens the address that it prints. */
async function run(words, visit) {
  const child = spawn(TOOLCELL, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  let visited;
  for (const stream of ['stdout', 'stderr']) {
    child[stream].on('data', (chunk) => {
      said[stream] += chunk;
      const page = /(?: {2}|or open )(http:\S+)\n/.exec(said.stderr)?.[1];
      if (visit !== undefined && page !== undefined) visited ??= visit(page).catch((error) => child.kill() && Promise.reject(error));
    });
  }
  const [code] = await once(child, 'close');
  await visited;
  return { code, ...said };
}

async function fetchBack(page) {
  const response = await fetch(await browse(page, 'http://127.0.0.1'));
  assert.equal(response.status, 200);
}

async function check(url, loopback) {
  const { code, stdout, stderr } = await run(['auth', 'check', url, '--json', ...loopback]);
  assert.equal(stderr, '');
  return { code, report: JSON.parse(stdout) };
}

function steps({ steps }, wanted) {
  return steps.filter(({ state }) => state === wanted).map(({ step }) => step);
}

/** Asks the server with a token. */
async function status(url, token) {
  const headers = { 'content-type': 'application/json', accept: 'application/json', authorization: `Bearer ${token}` };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
  return (await fetch(url, { method: 'POST', headers, body })).status;
}

/** A server and its authorization server in one, right but for one fault. */
async function faulty({ status = 401, resource = {}, issuer = {}, keys }) {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${server.address().port}`;
  const right = {
    resource: { resource: `${origin}/mcp`, authorization_servers: [origin], bearer_methods_supported: ['header'] },
    issuer: {
      issuer: origin,
      authorization_endpoint: `${origin}/authorize`,
      token_endpoint: `${origin}/token`,
      registration_endpoint: `${origin}/register`,
      jwks_uri: `${origin}/keys`,
      code_challenge_methods_supported: ['S256'],
    },
  };
  const document = (name, change) => (change === null || typeof change === 'string' ? change : { ...right[name], ...change });
  const key = { kty: 'OKP', crv: 'Ed25519', kid: 'k', x: Buffer.alloc(32, 7).toString('base64url') };
  const documents = {
    '/.well-known/oauth-protected-resource/mcp': document('resource', resource),
    '/.well-known/oauth-protected-resource': document('resource', resource),
    '/.well-known/oauth-authorization-server': document('issuer', issuer),
    '/keys': keys === undefined ? { keys: [key] } : keys,
  };
  server.on('request', (request, response) => {
    const found = documents[request.url] ?? null;
    const code = request.url === '/mcp' ? status : found === null ? 404 : 200;
    const challenge = code === 401 ? { 'www-authenticate': 'Bearer' } : {};
    response.writeHead(code, { 'content-type': 'application/json', 'access-control-allow-origin': '*', ...challenge });
    response.end(typeof found === 'string' ? found : JSON.stringify(found));
  });
  const stop = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `${origin}/mcp`, stop };
}
