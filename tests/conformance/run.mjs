// Runs the official conformance suite against a server, and compares the outcome with the strict lists in this folder.
//
//   node run.mjs [--only PREFIX | --lists stdio] [--buffered] URL [REVISION...]
//
// With --lists stdio, the lists are `expected-stdio-REVISION.json`: the server is behind over-stdio.mjs. With --buffered,
// it is behind a front end that passes no streams on: expected-buffered.json lists what cannot pass there, in addition.
// With --only, it runs the scenarios whose names start with PREFIX, of each revision that has some, and ignores the
// lists: all must pass. Prints a line for each surprise and a summary for each revision; exits with 1 after a surprise,
// and with 2 if it could not run.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = dirname(fileURLToPath(import.meta.url));
const SUITE = join(HERE, '../node_modules/@modelcontextprotocol/conformance/dist/index.js');
const PATIENCE = join(HERE, 'patience.mjs');
const REVISIONS = ['2026-07-28', '2025-11-25'];

/** The longest time of a scenario. A healthy one takes a second or two, and one that hangs must not delay the rest. */
const SCENARIO_TIMEOUT_MS = 60_000;

/** The longest time of a whole requirement set, so that a suite that hangs still ends. */
const SET_TIMEOUT_MS = 900_000;

function main(args) {
  const only = args[0] === '--only' ? args.splice(0, 2)[1] : undefined;
  const lists = args[0] === '--lists' ? `${args.splice(0, 2)[1]}-` : '';
  const buffered = args[0] === '--buffered' && args.shift() !== undefined;
  const [url, ...revisions] = args;
  if (url === undefined) {
    console.error('usage: node run.mjs [--only PREFIX | --lists stdio] [--buffered] URL [REVISION...]');
    return 2;
  }
  const named = revisions.length > 0 ? revisions : REVISIONS;
  const sets = named.map((revision) => requirements(revision, only, lists, buffered));
  const surprises = sets.filter(({ required }) => required.length > 0).map((set) => check(url, set));
  if (surprises.length === 0) fail(`no scenario starts with ${only}`);
  return surprises.every((number) => number === 0) ? 0 : 1;
}

/** Returns the scenarios of a revision, and the failures that are listed for it. */
function requirements(revision, only, lists, buffered) {
  const required = scenarios(revision);
  if (only !== undefined) {
    const chosen = required.filter((scenario) => scenario.startsWith(only));
    return { revision, required: chosen, expected: {}, run: (url) => runEach(url, revision, chosen) };
  }
  const list = (name) => JSON.parse(readFileSync(join(HERE, `expected-${name}.json`), 'utf8'));
  const expected = { ...list(lists + revision), ...(buffered ? list('buffered')[revision] : {}) };
  return { revision, required, expected, run: (url) => run(url, ['--requirements', revision]) };
}

/** Runs a set of scenarios; returns the number of surprises. */
function check(url, { revision, required, expected, run }) {
  const results = run(url);

  const surprises = [];
  for (const scenario of required) {
    const failures = results.get(scenario) ?? ['it left no result'];
    const reason = expected[scenario];
    if (failures.length > 0 && reason === undefined) surprises.push(`${scenario} failed: ${failures.join('; ')}`);
    if (failures.length === 0 && reason !== undefined) surprises.push(`${scenario} passed: take it off the list`);
  }
  for (const scenario of Object.keys(expected)) {
    if (!required.includes(scenario)) surprises.push(`${scenario} is listed, but the suite has no such scenario`);
  }

  for (const surprise of surprises) console.log(`conformance ${revision}: ${surprise}`);
  const listed = Object.keys(expected).length;
  const passed = required.filter((scenario) => results.get(scenario)?.length === 0).length;
  console.log(
    `conformance ${revision}: ${passed} of ${required.length} scenarios pass, ${listed} are listed for later, ` +
      `${surprises.length} surprises`,
  );
  return surprises.length;
}

/** Lists the server scenarios that the suite runs for a revision, scored or not. */
function scenarios(revision) {
  const { stdout } = suite(['list', '--requirements', revision]);
  const names = [];
  let ofServer = false;
  for (const line of stdout.split('\n')) {
    if (/^\S/.test(line)) ofServer = line.startsWith('Server scenarios');
    const [, name, kind] = /^\s+- (\S+)(?: \[(\w+)\])?$/.exec(line) ?? [];
    if (name !== undefined && (kind === 'server' || (kind === undefined && ofServer))) names.push(name);
  }
  if (names.length === 0) fail(`the suite lists no scenarios for ${revision}:\n${stdout}`);
  return names;
}

/** Runs scenarios one after the other, because the suite takes either one or all of a revision. */
function runEach(url, revision, names) {
  const chosen = (name) => ['--scenario', name, '--spec-version', revision];
  return new Map(names.flatMap((name) => [...run(url, chosen(name))]));
}

/** Runs the suite; returns the failures of each scenario that left a result. */
function run(url, which) {
  const directory = mkdtempSync(join(tmpdir(), 'conformance-'));
  const limits = ['--timeout', String(SCENARIO_TIMEOUT_MS)];
  try {
    suite(['server', '--url', url, ...which, '-o', directory, ...limits]);
    return new Map(readdirSync(directory).map((folder) => outcome(directory, folder)));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Reads the name and the failures of a scenario from its folder, named `server-NAME-TIME`. */
function outcome(directory, folder) {
  const [, name] = /^server-(.+?)-\d{4}-\d{2}-\d{2}T.*$/.exec(folder) ?? fail(`unknown result folder ${folder}`);
  const checks = JSON.parse(readFileSync(join(directory, folder, 'checks.json'), 'utf8'));
  const failures = checks
    .filter((check) => check.status === 'FAILURE')
    .map((check) => `${check.id}: ${check.errorMessage ?? check.description}`);
  return [name, checks.length === 0 ? ['it checked nothing'] : failures];
}

function suite(args) {
  const done = spawnSync(process.execPath, ['--import', PATIENCE, SUITE, ...args], {
    encoding: 'utf8',
    timeout: SET_TIMEOUT_MS,
    maxBuffer: 256 * 1024 * 1024,
  });
  if (done.error) fail(`the conformance suite did not run: ${done.error.message}; run tests/setup.sh first`);
  return done;
}

function fail(message) {
  console.error(message);
  process.exit(2);
}

process.exitCode = main(process.argv.slice(2));
