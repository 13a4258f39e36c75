// The official Python client, in a process of its own, as the story drives it.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { CALLBACK, DOCUMENT, REGISTERED } from './issuer.mjs';
import { TOOLS } from './story.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const PYTHON = join(HERE, '../../.venv/bin/python');

/** Starts the client; `close` ends it. */
export function python({ way, url }, naming) {
  const words = [url, way, CALLBACK, DOCUMENT, JSON.stringify(REGISTERED), naming];
  const child = spawn(PYTHON, [join(HERE, 'with_mcp.py'), ...words], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  const ask = async (command) => {
    child.stdin.write(`${command}\n`);
    const [line] = await Promise.race([once(lines, 'line'), once(child, 'exit').then(() => Promise.reject(new Error('with_mcp.py ended')))]);
    const { error, ...answer } = JSON.parse(line);
    if (error !== undefined) throw new Error(error);
    return answer;
  };
  return {
    name: 'python client',
    stepsUp: true,
    call: async (tool) => (await ask(`call ${tool} ${JSON.stringify(TOOLS[tool].args)}`)).text,
    spoil: () => ask('spoil'),
    close: () => child.stdin.end(),
  };
}
