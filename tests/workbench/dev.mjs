// Starts `toolcell dev` in a folder of its own, with copies of fixtures: tests change them.

import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
export const toolcell = process.env.TOOLCELL ?? join(root, 'target/debug/toolcell');

/** The longest wait for anything, on a busy machine. */
export const WAIT = Number(process.env.WORKBENCH_WAIT_MS ?? 120_000);

const COMPONENTS = join(root, 'tests/fixtures/target/wasm32-wasip2/release');

/** Each plugin's folder, and its component. */
const PLUGINS = {
  types: ['tests/fixtures/every_type', 'every_type.wasm'],
  scripted: ['tests/fixtures/scripted', 'scripted.wasm'],
  conformance: ['tests/conformance', 'conformance.wasm'],
};

const CONFIG = `[server]
name = "workbench-tests"
title = "Workbench tests"

[plugins.types]
source = "types"

[plugins.scripted]
source = "scripted"

[plugins.scripted.grants.config]
greeting = "hello"

[plugins.conformance]
source = "conformance"
`;

/** Copies a plugin, with its component beside its `plugin.toml`. */
async function copy(folder, name, [from, component]) {
  const to = join(folder, name);
  await mkdir(to);
  await cp(join(COMPONENTS, component), join(to, component));
  await cp(join(root, from, 'wit'), join(to, 'wit'), { recursive: true, dereference: true });
  const schema = 'json-schema-2020-12.json';
  if (name === 'conformance') await cp(join(root, from, schema), join(to, schema));
  // The fixture `scripted` has none.
  const manifest = name === 'scripted' ? `name = "scripted"\ncomponent = ""\n[resources]\nuris = ["scripted://"]\n` : await readFile(join(root, from, 'plugin.toml'), 'utf8');
  await writeFile(join(to, 'plugin.toml'), manifest.replace(/^component = ".*"$/m, `component = "${component}"`));
}

/** Waits for a promise, at most as long as for anything. */
export async function within(says, promise) {
  let timer;
  const late = new Promise((_, failed) => { timer = setTimeout(() => failed(new Error(says())), WAIT); });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

export async function startDev() {
  const folder = await mkdtemp(join(tmpdir(), 'toolcell-workbench-'));
  for (const [name, from] of Object.entries(PLUGINS)) await copy(folder, name, from);
  await writeFile(join(folder, 'toolcell.toml'), CONFIG);
  const dev = { folder, log: '' };
  const start = async (address, ...args) => {
    dev.process = spawn(toolcell, ['dev', '--listen', address, ...args], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
    dev.url = await within(() => `toolcell dev does not start:\n${dev.log}`, new Promise((found, failed) => {
      let text = '';
      dev.process.stderr.on('data', (data) => {
        text += data;
        dev.log += data;
        const line = /workbench at (\S+)/.exec(text);
        if (line) found(line[1]);
      });
      dev.process.on('exit', (code) => failed(new Error(`toolcell dev ended with ${code}:\n${dev.log}`)));
    }));
  };
  const end = async () => {
    const { exitCode, signalCode } = dev.process;
    if (exitCode !== null || signalCode !== null) throw new Error(`toolcell dev has ended with ${exitCode ?? signalCode}:\n${dev.log}`);
    const ended = new Promise((over) => dev.process.removeAllListeners('exit').on('exit', over));
    dev.process.kill('SIGTERM');
    await within(() => `toolcell dev does not end:\n${dev.log}`, ended);
  };
  await start('127.0.0.1:0');
  dev.restart = async (...args) => {
    const { host } = new URL(dev.url);
    await end();
    await start(host, ...args);
  };
  dev.stop = async () => {
    await end();
    await rm(folder, { recursive: true });
  };
  return dev;
}

/** Runs `toolcell`, and returns its exit code and everything that it printed. */
export function run(folder, ...args) {
  return new Promise((done) => {
    const child = spawn(toolcell, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    child.stdout.on('data', (data) => { text += data; });
    child.stderr.on('data', (data) => { text += data; });
    child.on('exit', (code) => done({ code, text }));
  });
}
