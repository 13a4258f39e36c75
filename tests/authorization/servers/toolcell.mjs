// Starts `toolcell serve` for the issuers of run.mjs, with the sample `text`.
//
// KEYS names a file with the keys of the issuers; without it, they are fetched. If the server has another address than
// RESOURCE, that is the one that clients are told.

import { spawn } from 'node:child_process';
import { openSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const { TOOLCELL = join(ROOT, 'target/debug/toolcell'), PORT, RESOURCE, ISSUERS, KEYS, LOG } = process.env;

/** What a profile adds to an issuer. */
const PROFILES = {
  default: '',
  typed: 'typ = "at+jwt"',
  clients: 'client-ids = ["client"]',
  audience: 'audience = ["api://a", "api://b"]',
};

const issuers = JSON.parse(ISSUERS);
const keys = KEYS === undefined ? '' : `jwks = "${KEYS}"\n`;
const tables = issuers.map(({ url, profile }, index) => `[auth.oauth.issuers.i${index}]\nissuer = "${url}"\n${keys}${PROFILES[profile]}\n`);
const listen = `127.0.0.1:${PORT}`;
const origin = new URL(RESOURCE).origin;
if (origin !== `http://${listen}`) tables.unshift(`[auth.oauth]\npublic-url = "${origin}"\n`);
const folder = mkdtempSync(join(tmpdir(), 'toolcell-'));
const config = join(folder, 'toolcell.toml');
writeFileSync(config, `${tables.join('')}\n[plugins.text]\nsource = "${join(ROOT, 'plugins/text')}"\nonly = ["count_text"]\n`);

const { hostname, port } = new URL(issuers[0].url);
const loopback = hostname === 'localhost' ? ['--allow-loopback', port] : [];
const line = ['serve', '--config', config, '--listen', listen, '--log-format', 'json', ...loopback];
const server = spawn(TOOLCELL, line, { stdio: ['ignore', 'ignore', openSync(LOG, 'a')] });
process.on('SIGTERM', () => server.kill());
server.on('exit', (code) => {
  rmSync(folder, { recursive: true });
  process.exit(code ?? 1);
});
