// Runs axe-core, a checker of accessibility, on what the page shows in its states.

import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { call, choose, ends } from './page.mjs';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Fails with each rule that is violated, and where. */
export async function violates(page, state) {
  await page.evaluate(axe);
  const { violations, passes } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  assert.ok(passes.length > 10, 'the checker has checked');
  const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html.slice(0, 200)} ${failureSummary}`).join('\n')}`);
  assert.deepEqual(told, [], state);
}

export async function accessible(page, manifest) {
  await choose(page, 'record_nested');
  await violates(page, 'a form');
  await choose(page, 'list_variant');
  await page.getByRole('button', { name: 'Add an item' }).click();
  await page.locator('.payload, .nested > select').first().waitFor();
  await violates(page, 'a list of variants');
  await choose(page, 'u8');
  await page.getByLabel('value', { exact: true }).fill('x');
  await page.getByRole('button', { name: 'Call', exact: true }).click();
  await page.getByLabel('value', { exact: true }).fill('300');
  await ends((await call(page)).shown, /error/);
  await page.getByLabel('value', { exact: true }).fill('3');
  await ends((await call(page)).shown, /^ok/);
  await page.locator('.phases').first().waitFor();
  await violates(page, 'results and errors');
  await choose(page, 'prompt_that_asks');
  await page.getByLabel('message', { exact: true }).fill('Name?');
  await call(page, 'Get');
  await page.getByRole('dialog').getByText('Name?').waitFor();
  await violates(page, 'a question');
  await page.keyboard.press('Escape');
  const text = await readFile(manifest, 'utf8');
  await writeFile(manifest, 'name = ');
  await page.locator('.failure').waitFor();
  await violates(page, 'a failure');
  await writeFile(manifest, text);
  await page.locator('#failures:empty').waitFor({ state: 'attached' });
}
