// Shows a resource server bad tokens, key sets and metadata, each of which it has to refuse, and good ones: README.md.
//
//   node run.mjs --start COMMAND [--issuers N] [--profiles default,...] [--tables tokens,...] [--reasons FILE] [--report FILE]
//   node run.mjs --server URL --issuer-port PORT [--resource URL] [--report FILE]
//   node run.mjs --server URL --issuer-key FILE --issuer URL [--resource URL] [--report FILE]

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { fill, forge } from './forge.mjs';
import { Issuers } from './issuer.mjs';
import { makeKeys, readKey } from './key.mjs';
import { freePort } from './port.mjs';
import { Log, ask, startServer } from './server.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const TABLES = ['tokens', 'key-sets', 'metadata'];

/** The options of a server that is started, and of one that runs already. */
const OF_START = ['issuers', 'tables', 'reasons'];
const OF_SERVER = ['resource', 'issuer', 'issuer-key', 'issuer-port'];

const options = readOptions(process.argv.slice(2));
const reasons = options.reasons && JSON.parse(readFileSync(options.reasons, 'utf8'));
const given = options['issuer-key'] && readKey(readFileSync(options['issuer-key'], 'utf8'));
const keys = makeKeys(given);
const issuers = await new Issuers(keys).start(Number(options['issuer-port'] ?? 0));
const results = options.server === undefined ? await startedServers() : await askRunning();
issuers.stop();
report(results);

/** Reads the options, and says which of them do not go together. */
function readOptions(args) {
  const texts = ['start', 'server', 'resource', 'issuer', 'issuer-key', 'issuer-port', 'issuers', 'profiles', 'tables', 'reasons', 'report'];
  const known = Object.fromEntries(texts.map((name) => [name, { type: 'string' }]));
  let given;
  try {
    ({ values: given } = parseArgs({ args, options: known }));
  } catch (error) {
    refuseOptions(error.message);
  }
  if ((given.start === undefined) === (given.server === undefined)) refuseOptions('expected either --start COMMAND or --server URL');
  const [way, others] = given.start === undefined ? ['--server', OF_START] : ['--start', OF_SERVER];
  const foreign = others.find((name) => given[name] !== undefined);
  if (foreign !== undefined) refuseOptions(`--${foreign} means nothing beside ${way}`);
  if (given.server !== undefined) checkTrust(given);
  return { issuers: '1', profiles: 'default', tables: TABLES.join(','), ...given };
}

/** A server that runs already was told of an issuer before: at a port, or by a key and a name. */
function checkTrust({ server, resource, issuer, 'issuer-key': key, 'issuer-port': port }) {
  for (const [name, text] of Object.entries({ server, resource, issuer })) {
    if (text !== undefined && !/^https?:$/.test(URL.parse(text)?.protocol)) refuseOptions(`--${name} takes an address, such as http://127.0.0.1:8080/mcp`);
  }
  const number = Number(port ?? 1);
  if (!(Number.isInteger(number) && number > 0 && number < 65536)) refuseOptions('--issuer-port takes a port from 1 to 65535');
  if (issuer !== undefined && key === undefined) refuseOptions('--issuer takes --issuer-key, too: an issuer of that name has other keys');
  if (issuer === undefined && port === undefined) {
    refuseOptions('--server takes --issuer-port PORT, the port of the issuer that the server trusts, or --issuer-key FILE and --issuer URL');
  }
}

function refuseOptions(why) {
  console.error(`run.mjs: ${why}`);
  process.exit(2);
}

/** Lists the issuers with the cases that are tried with each: one for all tokens of a profile, one for each other case. */
function groups() {
  const profiles = options.profiles.split(',');
  const asked = options.server === undefined ? options.tables.split(',') : ['tokens'];
  const tried = asked.flatMap((table) => cases(table).map((test) => ({ table, ...test })));
  // A server with one key in a file knows no other one.
  const all = given === undefined ? tried : tried.filter(({ isGood, key }) => !isGood || key === undefined);
  const ofProfile = (profile) => all.filter((test) => test.table === 'tokens' && (test.profile ?? 'default') === profile);
  const tokens = profiles.map((profile) => ({ path: `/${profile}`, profile, tests: ofProfile(profile) }));
  const others = all.filter(({ table }) => table !== 'tokens');
  const alone = others.map((test, index) => ({ path: `/${test.table}/${index}`, profile: 'default', tests: [test] }));
  return [...tokens, ...alone].filter(({ tests }) => tests.length > 0);
}

function cases(table) {
  const { accepted, refused } = JSON.parse(readFileSync(join(HERE, `${table}.json`), 'utf8'));
  return [...accepted.map((test) => ({ ...test, isGood: true })), ...refused.map((test) => ({ ...test, isGood: false }))];
}

/** Starts a server for as many issuers as it takes at a time, until all cases were tried. */
async function startedServers() {
  const found = [];
  const waiting = groups();
  const folder = mkdtempSync(join(tmpdir(), 'authorization-'));
  while (waiting.length > 0) {
    const batch = waiting.splice(0, Number(options.issuers));
    const port = await freePort();
    const resource = `http://127.0.0.1:${port}/mcp`;
    const log = join(folder, `${port}.log`);
    for (const group of batch) group.issuer = serve(group);
    const told = batch.map(({ issuer, profile }) => ({ url: issuer, jwks_uri: `${issuer}/keys`, profile }));
    const stop = await startServer(options.start, { port, resource, issuers: told, log });
    found.push(...(await askAll(batch, resource, new Log(log))));
    await stop();
  }
  rmSync(folder, { recursive: true });
  return found;
}

/** Lets the issuer of a group have what its case says. */
function serve({ path, tests: [test] }) {
  const keySet = test.table === 'key-sets' ? test : {};
  const metadata = test.table === 'metadata' ? test : {};
  return issuers.add(path, { keySet, metadata });
}

/** Asks a server that runs already, and was told of the issuer. */
async function askRunning() {
  const batch = groups();
  for (const group of batch) group.issuer = options.issuer ?? serve(group);
  const { status, error } = await ask(options.server, { headers: [] });
  if (status === 0) refuseOptions(`--server ${options.server} does not answer: ${error}`);
  return askAll(batch, options.server);
}

async function askAll(batch, server, log) {
  const found = [];
  const resource = options.resource ?? server;
  for (const { issuer, tests } of batch) {
    for (const test of tests) found.push(await tried(test, { server, issuer, resource, origin: issuers.origin, keys }, log));
  }
  return found;
}

/** Tries a case: what it should be, what came, and what is wrong about that. */
async function tried(test, context, log) {
  const what = test.table === 'tokens' ? test : (test.token ?? {});
  const token = forge(what, { ...context, now: Math.floor(Date.now() / 1000) });
  const headers = (what.headers ?? ['Bearer {token}']).map((text) => fill(text, { token }));
  log?.skip();
  const answer = await ask(context.server, { headers, query: what.query && fill(what.query, { token }) });
  const wrong = test.isGood ? notAccepted(answer) : notRefused(test, answer);
  const unexplained = wrong || test.isGood || !reasons ? undefined : await otherReason(test, answer, log);
  return { table: test.table, name: test.name, isGood: test.isGood, reason: test.reason, status: answer.status, wrong: wrong ?? unexplained };
}

function notAccepted({ status, error }) {
  if (error !== undefined) return `no answer: ${error}`;
  return status >= 200 && status < 300 ? undefined : `refused with ${status}`;
}

/** A bad token is invalid_token. A key set that cannot be had may also be the issuer's fault, which is 503. */
function notRefused({ table, reason }, { status, challenge, error }) {
  if (error !== undefined) return `no answer: ${error}`;
  if (status >= 200 && status < 300) return 'accepted';
  if (status === 503 && table !== 'tokens') return undefined;
  const isMalformed = reason === 'malformed' && status === 400;
  if (status !== 401 && !isMalformed) return `status ${status}`;
  const isTold = reason === 'missing' || isMalformed || challenge.includes('error="invalid_token"');
  return isTold ? undefined : `no invalid_token in the challenge: ${challenge}`;
}

/** Compares the log with the reason of the case; only the log may say it. */
async function otherReason({ reason }, { status, challenge, body }, log) {
  const expected = reasons.reasons[reason];
  if (expected === undefined) return `no text for the reason "${reason}"`;
  const lines = await log.refused(reasons.lines);
  if (status !== expected.status) return `status ${status}, expected ${expected.status}`;
  if (!lines.includes(expected.log)) return `the log does not say "${expected.log}": ${lines}`;
  const isTold = expected.told ?? false;
  return !isTold && (challenge + body).includes(expected.log) ? 'the client is told the reason' : undefined;
}

function report(found) {
  const wrong = found.filter(({ wrong }) => wrong !== undefined);
  for (const { table, name, wrong: why } of wrong) console.log(`WRONG   ${table}: ${name}: ${why}`);
  const count = (isGood) => found.filter((result) => result.isGood === isGood).length;
  if (options.report) writeFileSync(options.report, `${JSON.stringify(found, null, 1)}\n`);
  console.log(`authorization: ${count(false)} refused and ${count(true)} accepted, ${wrong.length} of them wrong`);
  process.exitCode = wrong.length > 0 ? 1 : 0;
}
