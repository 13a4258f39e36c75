// Photographs the page at two widths and in both color schemes, for people to look at.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { call, choose, ends } from './page.mjs';

export async function screenshots(page, folder, manifest) {
  const text = await readFile(manifest, 'utf8');
  for (const colorScheme of ['light', 'dark']) {
    for (const width of [1366, 420]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 860 });
      const path = (name) => join(folder, `${name}-${colorScheme}-${width}.png`);
      await choose(page, 'record_nested');
      await page.screenshot({ path: path('form'), fullPage: true });
      await choose(page, 'record');
      await page.getByLabel('x', { exact: true }).fill('3');
      await page.getByLabel('y', { exact: true }).fill('1.5');
      await ends((await call(page)).shown, /^ok/);
      await page.locator('.phases').first().waitFor();
      await page.getByLabel('x', { exact: true }).fill('99999999999');
      await ends((await call(page)).shown, /error/);
      await page.screenshot({ path: path('calls'), fullPage: true });
      await choose(page, 'prompt_that_asks');
      await page.getByLabel('message', { exact: true }).fill('What is your name?');
      await call(page, 'Get');
      await page.getByRole('dialog').getByText('What is your name?').waitFor();
      await page.screenshot({ path: path('question') });
      await page.keyboard.press('Escape');
      await writeFile(manifest, text.replace('maximum = 100', 'maximum = 50'));
      await page.locator('#contract .bad, #contract .warn').first().waitFor();
      await writeFile(manifest, 'name = ');
      await page.locator('.failure').waitFor();
      await page.screenshot({ path: path('failure'), fullPage: true });
      await writeFile(manifest, text);
      await page.locator('#failures:empty').waitFor({ state: 'attached' });
    }
  }
}
