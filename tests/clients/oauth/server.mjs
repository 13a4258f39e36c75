// Serves the sample `text` to those whom the authorization server of the tests vouches for, at one edge:
// `toolcell serve`, or the `bootstrap` of Lambda in the emulator, with the keys of the issuer in its bundle.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { freePort } from '../../authorization/port.mjs';

const ROOT = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
export const TOOLCELL = process.env.TOOLCELL ?? join(ROOT, 'target/debug/toolcell');
const BOOTSTRAP = process.env.TOOLCELL_BOOTSTRAP ?? join(ROOT, 'target/debug/bootstrap');

/** The longest time until a server is ready: a debug build compiles the component first. */
const READY_MS = 120_000;

/** Starts a server at an edge, `serve` or `lambda`. */
export async function startServer(edge, issuer) {
  await mkdir(join(ROOT, 'target'), { recursive: true });
  const folder = await mkdtemp(join(ROOT, 'target/oauth-'));
  const address = `127.0.0.1:${await freePort()}`;
  const config = join(folder, 'toolcell.toml');
  await writeFile(config, configuration(issuer.url, address));
  const loopback = ['--allow-loopback', String(issuer.port)];
  let line = ['serve', '--config', config, ...loopback];
  if (edge === 'lambda') {
    // A function never reaches its own machine, so the keys come with the bundle.
    const bundle = join(folder, 'bundle');
    const build = ['build', '--config', config, '--target', 'host', '--out', bundle, '--prebuilt', ...loopback];
    await promisify(execFile)(TOOLCELL, build);
    line = ['lambda', '--bundle', bundle, '--bootstrap', BOOTSTRAP];
  }
  const child = spawn(TOOLCELL, [...line, '--listen', address], { stdio: ['ignore', 'ignore', 'pipe'] });
  // Also if a check throws where nobody catches it.
  process.once('exit', () => child.kill());
  const log = await ready(child);
  const stop = async () => {
    child.kill();
    if (child.exitCode === null) await once(child, 'exit');
    await rm(folder, { recursive: true });
  };
  return { url: `http://${address}/mcp`, log, stop };
}

function configuration(issuer, address) {
  return `
[auth.oauth]
public-url = "http://${address}"
scopes = ["text.read"]

[auth.oauth.issuers.tests]
issuer = "${issuer}"
typ = "at+jwt"

[plugins.text]
source = "${join(ROOT, 'plugins/text')}"
only = ["make_slug", "change_case"]

[plugins.text.tools]
make_slug.required-scopes = ["text.read"]
change_case.required-scopes = ["text.read", "text.write"]
`;
}

/** Waits for the line that names the address, and returns all lines, also those to come. */
function ready(child) {
  const log = [];
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`the server is not ready:\n${log.join('')}`)), READY_MS);
    child.stderr.on('data', (chunk) => {
      log.push(String(chunk));
      if (log.join('').includes('/mcp')) resolve(log);
    });
    child.once('exit', (code) => reject(new Error(`the server ended with code ${code}:\n${log.join('')}`)));
    child.once('error', reject);
    child.stderr.once('data', () => late.unref());
  });
}
