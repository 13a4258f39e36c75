// The command line of the official inspector, a process for each call, as the story drives it.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { browse } from './browser.mjs';
import { CALLBACK, DOCUMENT, REGISTERED } from './issuer.mjs';
import { TOOLS } from './story.mjs';

const INSPECTOR = createRequire(import.meta.url).resolve('../../node_modules/.bin/mcp-inspector');

/** How it is told who it is. */
const KNOWN = {
  'registered beforehand': ['--client-id', REGISTERED.client_id, '--client-secret', REGISTERED.client_secret],
  'client metadata document': ['--client-metadata-url', DOCUMENT],
  'dynamic registration': [],
};

/** Makes a driver whose tokens are in a folder of its own; `close` removes it. */
export async function inspector({ way, url }) {
  const folder = await mkdtemp(join(tmpdir(), 'inspector-'));
  const tokens = join(folder, 'tokens.json');
  const env = {
    ...process.env,
    MCP_STORAGE_DIR: folder,
    MCP_INSPECTOR_SECRET_STORE: 'file',
    MCP_INSPECTOR_SECRET_FILE: tokens,
    // It begins without a terminal only if it may open a browser; what it opens does nothing.
    MCP_AUTO_OPEN_ENABLED: 'true',
    BROWSER: 'true',
  };
  const target = ['--server-url', url, '--protocol-era', 'auto', '--callback-url', CALLBACK, ...KNOWN[way]];
  return {
    name: 'inspector',
    // Where it has registered itself, it refreshes its token in place of asking its user, and gives up.
    stepsUp: way !== 'dynamic registration',
    call: (tool) => call([...target, '--tool-name', tool, '--tool-args-json', JSON.stringify(TOOLS[tool].args)], env),
    spoil: async () => {
      const text = await readFile(tokens, 'utf8');
      await writeFile(tokens, text.replace(/(access_token\\":\\")[^\\]*/, '$1spoiled'));
    },
    close: () => rm(folder, { recursive: true }),
  };
}

async function call(words, env) {
  const line = [INSPECTOR, '--cli', '--format', 'json', '--quiet', '--method', 'tools/call', ...words];
  const child = spawn(process.execPath, line, { env, stdio: 'pipe' });
  const said = { stdout: '', stderr: '' };
  let isLed = false;
  let hasAgreed = false;
  let failure;
  for (const stream of ['stdout', 'stderr']) {
    child[stream].on('data', async (chunk) => {
      said[stream] += chunk;
      if (!hasAgreed && /step-up authorization\? \[y\/N\]/.test(said.stderr + said.stdout)) {
        hasAgreed = true;
        child.stdin.end('y\n');
      }
      const page = /Please navigate to: (\S+)\n/.exec(said.stderr)?.[1];
      if (page === undefined || isLed) return;
      isLed = true;
      await visit(page).catch((error) => (failure = error));
    });
  }
  const [code] = await once(child, 'close');
  if (failure) throw failure;
  if (code !== 0) throw new Error(`inspector: exit code ${code}: ${said.stderr}`);
  return JSON.parse(said.stdout).result.content[0].text;
}

/** Visits the page, and the inspector's own address in the end. */
async function visit(page) {
  await fetch(await browse(page, CALLBACK));
}
