// Drives the workbench of `toolcell dev` in Chromium: node run.mjs [--screenshots FOLDER]

import assert from 'node:assert/strict';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { WAIT, run, startDev } from './dev.mjs';
import { call, choose, ends, fillIn } from './page.mjs';
import { screenshots } from './screenshots.mjs';
import { tests as hostile } from './hostile.mjs';
import { VALUES } from './types.mjs';
import { accessible } from './accessible.mjs';
import { frontPage } from './front_page.mjs';

const dev = await startDev();
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', timeout: WAIT, args: process.getuid() === 0 ? ['--no-sandbox'] : [] });
let [checks, failed] = [0, 0];

async function open(options = {}) {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(WAIT);
  // Takes the page from its sources, so that changes show without building toolcell again.
  if (process.env.WORKBENCH_PAGE) {
    await context.route(/\/dev\/\w+\.(js|css)$/, (route) =>
      route.fulfill({ path: join(process.env.WORKBENCH_PAGE, route.request().url().split('/').at(-1)) }));
  }
  const page = await context.newPage();
  page.faults = [];
  page.on('pageerror', (error) => page.faults.push(String(error)));
  page.on('console', (message) => { if (message.type() === 'error') page.faults.push(message.text()); });
  await page.goto(dev.url);
  await page.locator('#connection', { hasText: /^connected$/ }).waitFor();
  return page;
}

async function check(name, test, options) {
  if (process.env.ONLY && !name.includes(process.env.ONLY)) return;
  const page = await open(options);
  try {
    await test(page);
    // The service has no icon, and a browser may ask for one.
    assert.deepEqual(page.faults.filter((fault) => !/favicon|40[349]|ERR_CONNECTION|ERR_INCOMPLETE/.test(fault)), [], 'the console has no errors');
  } catch (failure) {
    failed += 1;
    const shown = `${await page.locator('#connection').innerText().catch(String)}\n${await page.locator('#calls').innerText().catch(String)}`;
    console.error(`FAIL  workbench: ${name}\n${failure.stack}\nthe page shows:\n${shown.slice(0, 2000)}\ntoolcell dev says:\n${dev.log.slice(-2000)}`);
    return;
  } finally {
    await page.context().close();
  }
  checks += 1;
  console.log(`checked  ${name}`);
}

const result = async (response) => {
  const text = await response.text();
  const data = text.startsWith('{') ? text : text.split('\n').filter((line) => line.startsWith('data:')).at(-1).slice(5);
  return JSON.parse(data).result;
};

/** A value without the options that are none. */
const present = (value) => JSON.parse(JSON.stringify(value, (_, one) => one ?? undefined));

async function tools(page) {
  return page.evaluate(async () => (await import('/dev/mcp.js')).all('tools/list', 'tools'));
}

try {
  await check('has a form for every type of WIT', async (page) => {
    const all = (await tools(page)).filter(({ name }) => name in VALUES);
    assert.deepEqual(all.map(({ name }) => name).sort(), Object.keys(VALUES).sort());
    for (const { name, inputSchema } of all) {
      for (const value of VALUES[name]) {
        await choose(page, name);
        const values = value === undefined ? {} : { value };
        await fillIn(page, inputSchema, values);
        const { sent, shown, response } = await call(page);
        await ends(shown, /^ok/);
        assert.deepEqual(JSON.parse(sent).params.arguments, values, name);
        const { structuredContent, content } = await result(response);
        const found = structuredContent === undefined ? content[0].text : structuredContent.result ?? structuredContent;
        // A tool that returned a `result` would fail by it, so these put it into a list.
        const expected = name.startsWith('result') ? [value] : value;
        if (value !== undefined) assert.deepEqual(present(found), present(expected), name);
        if (structuredContent !== undefined) {
          const shownJson = await shown.locator('h4:text-is("Structured content") + *').innerText();
          assert.deepEqual(JSON.parse(shownJson.replaceAll(' ', ' ')), structuredContent, name);
        }
      }
    }
  });

  await check('keeps the digits of numbers, and takes JSON in place of a form', async (page) => {
    await choose(page, 'f64');
    await page.getByLabel('As JSON', { exact: true }).check();
    const text = page.getByLabel('Arguments as JSON');
    await text.fill('{"value": 100000000000000000000.0}');
    const { sent, shown } = await call(page);
    await ends(shown, /^ok/);
    assert.match(sent, /"value":100000000000000000000\.0[,}]/);
    await text.fill('{"value": 2.50}');
    await page.getByLabel('As JSON', { exact: true }).uncheck();
    assert.equal(await page.getByLabel('value', { exact: true }).inputValue(), '2.50');
    await page.getByLabel('As JSON', { exact: true }).check();
    await text.fill('{');
    await page.getByRole('button', { name: 'Call', exact: true }).click();
    await page.getByRole('alert').filter({ hasText: 'JSON' }).waitFor();
  });

  await check('lets names be repeated, removes items, reads a file', async (page) => {
    await choose(page, 'list_enum');
    await page.getByRole('button', { name: 'As a list' }).click();
    for (const color of ['light_green', 'red', 'red']) {
      await page.getByRole('button', { name: 'Add an item' }).click();
      await page.locator('.row select').last().selectOption({ label: color });
    }
    await page.getByRole('button', { name: 'Remove this item' }).nth(1).click();
    const colors = await call(page);
    await ends(colors.shown, /^ok/);
    assert.deepEqual(JSON.parse(colors.sent).params.arguments, { value: ['light_green', 'red'] });
    await choose(page, 'list_u8');
    await page.getByLabel('Bytes of a file').setInputFiles({ name: 'x', mimeType: 'text/plain', buffer: Buffer.from([0, 255, 10]) });
    await page.waitForFunction(() => document.querySelector('.bytes textarea').value !== '');
    const bytes = await call(page);
    await ends(bytes.shown, /^ok/);
    assert.deepEqual(JSON.parse(bytes.sent).params.arguments, { value: 'AP8K' });
  });

  await check('refuses what is no value beside its field, and shows errors of the server there', async (page) => {
    await choose(page, 'record');
    await page.getByLabel('x', { exact: true }).fill('1.5');
    await page.getByRole('button', { name: 'Call', exact: true }).click();
    await page.locator('.complaint:visible', { hasText: 'expected a whole number' }).first().waitFor();
    assert.equal(await page.getByLabel('x', { exact: true }).getAttribute('aria-invalid'), 'true');
    assert.equal(await page.evaluate(() => document.activeElement.id === document.querySelector('[aria-invalid=true]').id), true);
    await page.getByLabel('x', { exact: true }).fill('99999999999');
    await page.getByLabel('y', { exact: true }).fill('1');
    const { shown } = await call(page);
    await ends(shown, /error/);
    await page.locator('#item .field .field .complaint:visible').waitFor();
    assert.equal(await page.locator('#item .field .field .complaint:visible').count(), 1);
  });

  await check('shows phases, messages and progress of a call', async (page) => {
    await choose(page, 'run');
    await page.getByLabel('As JSON', { exact: true }).check();
    await page.getByLabel('Arguments as JSON').fill(JSON.stringify({ steps: [{ log: 'a message of the plugin' }, { report: 0.5 }, { config: 'greeting' }] }));
    const { shown } = await call(page);
    await ends(shown, /^ok/);
    await shown.locator('.notes', { hasText: 'a message of the plugin' }).first().waitFor();
    for (const phase of ['outcome', 'total', 'run', 'memory']) await shown.locator('.phases dt', { hasText: phase }).waitFor();
    await shown.locator('.content', { hasText: 'hello' }).waitFor();
    const notes = shown.getByLabel('Log of the server');
    await notes.locator('li', { hasText: 'a message of the plugin' }).waitFor();
  });

  await check('asks questions in a dialog, continues the call, and writes a case that passes', async (page) => {
    await choose(page, 'run');
    const form = { message: 'Who are you?', fields: [{ name: 'who', required: true, kind: { text: {} } }] };
    await page.getByLabel('As JSON', { exact: true }).check();
    await page.getByLabel('Arguments as JSON').fill(JSON.stringify({ steps: [{ ask: [['who', { form }]] }, { config: 'greeting' }] }));
    const { shown } = await call(page);
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Who are you?').waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.tagName), 'TEXTAREA', 'the first field has the focus');
    await dialog.getByLabel('who', { exact: true }).fill('Ada');
    await dialog.getByRole('button', { name: 'Answer' }).click();
    await ends(shown, /^ok/);
    await shown.locator('.content', { hasText: 'Ada' }).waitFor();
    await shown.getByLabel('Case').fill('asks-who');
    await shown.getByRole('button', { name: 'Write a case' }).click();
    await shown.getByText('Wrote ').waitFor();
    const file = join(dev.folder, 'scripted/cases/asks-who.json');
    const written = await readFile(file, 'utf8');
    assert.deepEqual(JSON.parse(written).answers, { who: { action: 'accept', content: { who: 'Ada' } } });
    assert.deepEqual(JSON.parse(written).grants, { config: { greeting: 'hello' } });
    const played = await run(dev.folder, 'test', 'scripted', '--case', 'asks-who');
    assert.equal(played.code, 0, played.text);
    await shown.getByRole('button', { name: 'Write a case' }).click();
    await shown.getByText('is not overwritten').waitFor();
    assert.equal(await readFile(file, 'utf8'), written);
    await shown.getByLabel('Case').fill('../evil');
    await shown.getByRole('button', { name: 'Write a case' }).click();
    await shown.getByText('the name of the case').waitFor();
    assert.deepEqual(await readdir(join(dev.folder, 'scripted/cases')), ['asks-who.json']);
  });

  await check('declines and cancels questions, also with the keyboard', async (page) => {
    for (const [leave, action] of [[(dialog) => dialog.getByRole('button', { name: 'Decline' }).click(), 'decline'], [() => page.keyboard.press('Escape'), 'cancel']]) {
      await choose(page, 'prompt_that_asks');
      await page.getByLabel('message', { exact: true }).fill('Name?');
      const { shown } = await call(page, 'Get');
      const dialog = page.getByRole('dialog');
      await dialog.getByText('Name?').waitFor();
      const again = page.waitForRequest((one) => one.url().endsWith('/mcp'));
      await leave(dialog);
      assert.equal(JSON.parse((await again).postData()).params.inputResponses.name.action, action);
      await ends(shown, /ok|error/);
      assert.equal(await dialog.isVisible(), false);
    }
  });

  await check('opens pages only when they are of the web', async (page) => {
    for (const [url, isLink] of [['https://example.com/go', true], ['javascript:alert(1)', false]]) {
      await page.route('**/mcp', async (route) => {
        const { id, method } = route.request().postDataJSON();
        if (method !== 'tools/call') return route.continue();
        const inputRequests = { go: { method: 'elicitation/create', params: { mode: 'url', message: 'Go there', url, elicitationId: '1' } } };
        return route.fulfill({ json: { jsonrpc: '2.0', id, result: { resultType: 'input_required', inputRequests, requestState: 's' } } });
      });
      await choose(page, 'nothing');
      await page.getByRole('button', { name: 'Call', exact: true }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByText(url).waitFor();
      assert.equal(await dialog.getByRole('link').count(), isLink ? 1 : 0, url);
      await page.unroute('**/mcp');
      await dialog.getByRole('button', { name: 'Cancel' }).click();
      await page.reload();
      await page.locator('#item h2').waitFor();
    }
  });

  await check('browses resources, templates and prompts', async (page) => {
    await choose(page, 'test://static-text');
    const read = await call(page, 'Read');
    await ends(read.shown, /^ok/);
    await read.shown.locator('pre:visible', { hasText: 'text' }).first().waitFor();
    const template = page.getByRole('navigation').getByRole('button', { name: /\{/ }).first();
    await template.click();
    await page.locator('#item .fields textarea').first().fill('42');
    const found = await call(page, 'Read');
    assert.match(JSON.parse(found.sent).params.uri, /42/);
    await ends(found.shown, /^ok/);
    await choose(page, 'test_simple_prompt');
    const got = await call(page, 'Get');
    await ends(got.shown, /^ok/);
    await got.shown.locator('h4', { hasText: 'user' }).first().waitFor();
  });

  await check('shows changes of the source and errors of builds as they happen', async (page) => {
    await choose(page, 'bounded_u32');
    await page.getByLabel('value', { exact: true }).fill('60');
    const file = join(dev.folder, 'types/plugin.toml');
    const manifest = await readFile(file, 'utf8');
    await writeFile(file, manifest.replace('minimum = 1, maximum = 100', 'minimum = 1, maximum = 50'));
    await page.locator('#activity', { hasText: '~bounded_u32' }).waitFor();
    await page.locator('#item .kind', { hasText: '1…50' }).waitFor();
    assert.equal(await page.getByLabel('value', { exact: true }).inputValue(), '60', 'what was filled in stays');
    await page.locator('#contract', { hasText: 'Compared with the start of this `toolcell dev`.' }).waitFor();
    await page.locator('#contract li', { hasText: 'breaks: bounded_u32 arguments.value' }).waitFor();
    await writeFile(file, 'name = ');
    await page.locator('#failures', { hasText: 'types/plugin.toml' }).waitFor();
    const { shown } = await call(page);
    await ends(shown, /error/);
    await writeFile(file, manifest);
    await page.locator('#failures:empty').waitFor({ state: 'attached' });
    await page.locator('#contract', { hasText: 'Nothing breaks clients' }).waitFor();
  });

  for (const [name, test] of hostile) await check(name, test);

  await check('can be used by everybody', async (page) => {
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      for (const width of [1280, 400]) {
        await page.setViewportSize({ width, height: 900 });
        await accessible(page, join(dev.folder, 'types/plugin.toml'));
      }
    }
  });

  await check('has a page for people, whatever the name of the server', (page) => frontPage(page, dev.folder));

  const folder = process.argv[process.argv.indexOf('--screenshots') + 1];
  if (process.argv.includes('--screenshots')) {
    await mkdir(folder, { recursive: true });
    await check('is photographed', (page) => screenshots(page, folder, join(dev.folder, 'types/plugin.toml')));
  }

  await check('says that the server was started again, and compares the contract with a release', async (page) => {
    const built = await run(dev.folder, 'build', '--target', 'host', '--out', 'released');
    assert.equal(built.code, 0, built.text);
    await dev.restart('--against', 'released');
    await page.locator('#connection', { hasText: 'reload' }).waitFor();
    await page.getByRole('button', { name: 'Reload' }).click();
    await page.locator('#connection', { hasText: /^connected$/ }).waitFor();
    const contract = page.locator('#contract');
    await contract.getByText('Compared with the bundle released.').waitFor();
    await contract.getByText('Nothing breaks clients').waitFor();
    const config = join(dev.folder, 'toolcell.toml');
    const text = await readFile(config, 'utf8');
    await writeFile(config, text.replace('source = "types"', 'source = "types"\nexcept = ["bool"]\ntools.f32.name = "float"'));
    await contract.locator('li', { hasText: 'breaks: bool' }).waitFor();
    await contract.locator('li', { hasText: 'breaks: f32' }).getByText('perhaps it is `float` now').waitFor();
    await contract.locator('p', { hasText: 'New: float' }).waitFor();
    await writeFile(config, text);
    await contract.getByText('Nothing breaks clients').waitFor();
    assert.equal(await contract.getByText('New:').count(), 0);
  });
} finally {
  await browser.close();
  await dev.stop();
}
assert.ok(!dev.log.includes('cut off'), `an open page keeps no server from stopping:\n${dev.log}`);
assert.equal(failed, 0, `${failed} checks failed`);
console.log(`workbench: ${checks} checks in Chromium`);
