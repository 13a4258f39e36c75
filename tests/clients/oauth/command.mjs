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

const FIRST = 'a request without a token';
const METADATA = 'metadata of the server';
const OF_ISSUER = 'metadata of the authorization server';
const HUGE = 'x'.repeat(300_000);

/** What is wrong about a server or its authorization server, the step that says so, and what it says. */
const FAULTS = [
  [FIRST, { status: 200 }, /^status 200; expected 401/, /takes requests without a token/],
  [FIRST, { status: 404 }, /^status 404; expected 401/, /check the path/],
  [FIRST, { status: 403 }, /^status 403; expected 401/, /before anything else/],
  [FIRST, { status: 500 }, /^status 500; expected 401/, /read the log/],
  [FIRST, { status: 307 }, /^status 307, a redirect to https:\/\/elsewhere\.example\/: .*expected 401/, /use the address/],
  [FIRST, { silent: '/mcp' }, /no whole response within 15 s$/, /check the address/],
  [FIRST, { status: 401, hangUp: '/mcp' }, /closed the connection before its response/, /check the address/],
  ['the challenge', { challenge: 'Bearer resource_metadata="http://a.example/x"' }, /^"http:\/\/a\.example\/x": the address begins with http:/, /https:/],
  [METADATA, { resource: null }, /oauth-protected-resource\/mcp: status 404; .*oauth-protected-resource: status 404$/, /to everybody/],
  [METADATA, { resource: '<html>' }, /: a page in place of JSON; /, /in JSON/],
  [METADATA, { resource: 'resource' }, /: no JSON; /, /in JSON/],
  [METADATA, { resource: { resource: undefined } }, /: JSON of another form: missing field `resource`/, /in JSON/],
  [METADATA, { resource: { authorization_servers: 'https://a.example' } }, /: JSON of another form: invalid type: string/, /in JSON/],
  [METADATA, { documentStatus: 500 }, /: status 500; /, /to everybody/],
  [METADATA, { documentStatus: 302 }, /: status 302, a redirect to https:\/\/elsewhere\.example\/: not every client follows it/, /without a redirect/],
  [METADATA, { resource: HUGE }, /its response is larger than 262144 bytes/, /in JSON/],
  [METADATA, { challenge: 'Bearer resource_metadata="ORIGIN/elsewhere"' }, /\/elsewhere: status 404$/, /the challenge leads clients there/],
  ['`resource` in the metadata', { resource: { resource: 'https://other.example/mcp' } }, /^"https:\/\/other\.example\/mcp"$/, /the address that users type/],
  ['authorization servers', { resource: { authorization_servers: [] } }, /^none$/, /at least one/],
  ['`bearer_methods_supported`', { resource: { bearer_methods_supported: ['body'] } }, /^body$/, /"header"/],
  ['scopes that clients ask for', { resource: { scopes_supported: ['offline_access'] } }, /offline_access/, /remove/],
  [OF_ISSUER, { issuer: null }, /oauth-authorization-server: status 404; .*openid-configuration: status 404$/, /at one of these addresses/],
  [OF_ISSUER, { issuer: '<html>' }, /: a page in place of JSON; /, /at one of these addresses/],
  [OF_ISSUER, { issuer: HUGE }, /its response is larger than 262144 bytes; /, /at one of these addresses/],
  [OF_ISSUER, { issuer: { issuer: 'https://other.example' } }, /`issuer` is "https:\/\/other\.example", not "http:\/\/127/, /to the letter/],
  [OF_ISSUER, { resource: { authorization_servers: ['login.example.com'] } }, /: the address does not begin with https:\/\/$/, /https:/],
  [OF_ISSUER, { resource: { authorization_servers: ['http://login.example.com'] } }, /: the address begins with http:\/\/, which is accepted for localhost/, /https:/],
  [OF_ISSUER, { resource: { authorization_servers: ['http://127.0.0.1:1'] } }, /add --allow-loopback PORT or --allow-network RANGE/, /at one of/],
  ['`authorization_endpoint`', { issuer: { authorization_endpoint: null } }, /^missing$/, /sign their users in/],
  ['`token_endpoint`', { issuer: { token_endpoint: 'http://login.example.com/token' } }, /the address begins with http:/, /https:/],
  ['PKCE', { issuer: { code_challenge_methods_supported: undefined } }, /^not advertised$/, /S256/],
  ['PKCE', { issuer: { code_challenge_methods_supported: ['plain'] } }, /^plain$/, /S256/],
  ['keys', { keys: { keys: [] } }, /\/keys: the key set holds no key/, /publish a key set/],
  ['keys', { keys: null }, /\/keys: status 404$/, /publish a key set/],
  ['keys', { keys: '<html>' }, /\/keys: a page in place of JSON$/, /publish a key set/],
  ['keys', { silent: '/keys' }, /^http:\/\/127\.0\.0\.1:\d+\/keys: no whole response within 15 s$/, /publish a key set/],
];

/** What only some clients mind: the step, and what is said. */
const FLAWS = [
  ['authorization servers', { resource: { authorization_servers: Array(9).fill('ORIGIN') } }, /^9, of which the first 8 are checked$/],
  ['the challenge', { challenge: undefined }, /^no www-authenticate$/],
  ['the challenge', { challenge: 'Basic realm="x"' }, /is not `Bearer \.\.\.`: Basic/],
  ['the challenge', { challenge: 'Bearer' }, /^www-authenticate is not|^names no metadata$/],
  ['the challenge', { challenge: 'Bearer realm="x"' }, /^names no metadata$/],
];

/** The checks that run at a time: the server of the faults has to answer each of them soon. */
const AT_ONCE = 4;

const WRONG = {
  'check says each thing that is wrong, and ends with code 1': async () => {
    const [left, judged] = [[...FAULTS.entries()], []];
    const work = async () => {
      while (left.length > 0) {
        const [index, [, fault]] = left.shift();
        judged[index] = await judge(fault);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    for (const [index, [step, fault, found, next]] of FAULTS.entries()) {
      const { code, report } = judged[index];
      assert.deepEqual([code, steps(report, 'wrong')], [1, [step]], JSON.stringify(fault).slice(0, 200));
      const wrong = report.steps.find(({ state }) => state === 'wrong');
      assert.match(wrong.found, found);
      assert.match(wrong.next, next);
    }
    const { code } = await judge({});
    assert.equal(code, 0, 'without a fault, nothing is wrong');
  },
  'check notes what only some clients mind, and ends with code 0': async () => {
    for (const [step, flaw, found] of FLAWS) {
      const { code, report } = await judge(flaw);
      const note = report.steps.find((each) => each.state === 'note' && each.step === step);
      assert.equal(code, 0, JSON.stringify(flaw));
      assert.match(note?.found ?? 'nothing', found);
    }
  },
  'check asks eight authorization servers, however many a server names': async () => {
    for (const [named, asked] of [[1, 1], [8, 8], [9, 8]]) {
      const { report } = await judge({ resource: { authorization_servers: Array(named).fill('ORIGIN') } });
      assert.equal(steps(report, 'ok').filter((step) => step === OF_ISSUER).length, asked);
    }
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

/** Checks a server that is right but for a fault. */
async function judge(fault) {
  const server = await faulty(fault);
  try {
    return await check(server.url, []);
  } finally {
    server.stop();
  }
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
async function faulty(fault) {
  const { status = 401, documentStatus = 200, resource = {}, issuer = {}, keys, silent, hangUp } = fault;
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
  const own = (document) => JSON.parse(JSON.stringify(document).replaceAll('ORIGIN', origin));
  const document = (name, change) => (change === null || typeof change === 'string' ? change : own({ ...right[name], ...change }));
  const key = { kty: 'OKP', crv: 'Ed25519', kid: 'k', x: Buffer.alloc(32, 7).toString('base64url') };
  const documents = {
    '/.well-known/oauth-protected-resource/mcp': document('resource', resource),
    '/.well-known/oauth-protected-resource': document('resource', resource),
    '/.well-known/oauth-authorization-server': document('issuer', issuer),
    '/keys': keys === undefined ? { keys: [key] } : keys,
  };
  const pointer = `Bearer resource_metadata="${origin}/.well-known/oauth-protected-resource/mcp"`;
  const challenge = 'challenge' in fault ? fault.challenge?.replace('ORIGIN', origin) : pointer;
  server.on('request', (request, response) => {
    if (request.url === silent) return;
    if (request.url === hangUp) return request.socket.destroy();
    const found = documents[request.url] ?? null;
    const code = request.url === '/mcp' ? status : found === null ? 404 : documentStatus;
    const headers = { 'content-type': 'application/json', 'access-control-allow-origin': '*' };
    if (code === 401 && challenge !== undefined) headers['www-authenticate'] = challenge;
    if (code >= 300 && code < 400) headers.location = 'https://elsewhere.example/';
    response.writeHead(code, headers);
    response.end(typeof found === 'string' ? found : JSON.stringify(found));
  });
  const stop = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `${origin}/mcp`, stop };
}
