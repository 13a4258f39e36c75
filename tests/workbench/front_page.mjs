// Opens the page at `/` of `toolcell serve`, for people with browsers, as it is and under a name that means harm.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { violates } from './accessible.mjs';
import { toolcell, within } from './dev.mjs';

const EVIL = '</title><script>window.broken=1</script><img src=x onerror="window.broken=1">'.padEnd(128, '-');

/** Serves a configuration while `test` runs with the server's address. */
async function serving(config, test) {
  const server = spawn(toolcell, ['serve', '--config', config, '--listen', '127.0.0.1:0'], { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  try {
    const address = await within(() => `toolcell serve does not start:\n${log}`, new Promise((found, failed) => {
      server.stderr.on('data', (data) => {
        log += data;
        const line = /serving .* at (http:\S+)\/mcp/.exec(log);
        if (line) found(line[1]);
      });
      server.on('exit', (code) => failed(new Error(`toolcell serve ended with ${code}:\n${log}`)));
    }));
    await test(address);
  } finally {
    server.removeAllListeners('exit');
    server.kill('SIGTERM');
  }
}

/** Shows the page of a server with this title in every form. */
async function shown(page, folder, title) {
  const text = await readFile(join(folder, 'toolcell.toml'), 'utf8');
  const config = join(folder, 'front-page.toml');
  await writeFile(config, text.replace('title = "Workbench tests"', `title = ${JSON.stringify(title)}`));
  await serving(config, async (address) => {
    await page.goto(`${address}/`);
    assert.equal(await page.locator('h1').innerText(), title);
    assert.equal(await page.title(), title);
    await page.getByText(`${address}/mcp`, { exact: true }).waitFor();
    assert.equal(await page.locator('script, img').count(), 0);
    assert.equal(await page.evaluate(() => window.broken), undefined);
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      for (const width of [1280, 360]) {
        await page.setViewportSize({ width, height: 800 });
        const [content, room] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
        assert.ok(content <= room, `nothing is wider than the page: ${content} of ${room}`);
        await violates(page, `${colorScheme}, ${width} pixels wide`);
      }
    }
  });
}

export async function frontPage(page, folder) {
  await shown(page, folder, 'Split bills');
  await shown(page, folder, EVIL);
}
