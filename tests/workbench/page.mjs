// What a person does on the workbench, in the words of the page.

import assert from 'node:assert/strict';

/** Chooses an item of a list. */
export async function choose(page, name) {
  await page.getByRole('navigation').getByRole('button', { name, exact: true }).click();
  await page.locator('#item h2', { hasText: name }).waitFor();
}

/** The field of this name directly inside of `place`. */
const field = (place, name) =>
  place.locator('xpath=./div[contains(concat(" ", @class, " "), " field ")]')
    .filter({ has: place.page().locator(`xpath=./div[@class="head"]/*[@class="label" and text()=${quoted(name)}]`) });

const quoted = (text) => (text.includes('"') ? `'${text}'` : `"${text}"`);
const within = (place, classes) => place.locator(`xpath=.${classes.map((one) => `/*[contains(concat(" ", @class, " "), " ${one} ")]`).join('')}`);

/** Fills in the arguments of the chosen tool. */
export async function fillIn(page, schema, values) {
  await members(page.locator('#item .fields'), schema, values);
}

async function members(place, schema, values) {
  for (const [name, value] of Object.entries(values)) await fill(field(place, name), schema.properties[name], value);
}

async function fill(one, schema, value) {
  const tick = one.locator('xpath=./div[@class="head"]/input');
  if (await tick.count()) await tick.check();
  const body = one.locator('xpath=./div[@class="body"]');
  const nested = within(body, ['nested']);
  const branches = schema.anyOf;
  if (schema.enum) return body.locator('select').selectOption({ label: String(value) });
  if (branches) return variant(nested, branches, value);
  switch (schema.type) {
    case 'boolean': return body.locator('input').setChecked(value);
    case 'integer': case 'number': return body.locator('input').fill(String(value));
    case 'string': return body.locator('textarea, input[type=text]').first().fill(value);
    case 'object': return members(nested, schema, value);
    case 'array': return array(body, nested, schema, value);
    default: throw new Error(`no such field: ${JSON.stringify(schema)}`);
  }
}

async function variant(nested, branches, value) {
  const select = nested.locator('xpath=./select');
  if (value === null) return select.selectOption({ label: 'none (null)' });
  if (typeof value === 'string' && branches.some((one) => one.enum?.includes(value))) return select.selectOption({ label: value });
  const payload = within(nested, ['payload', 'field']);
  if (typeof value === 'object' && !Array.isArray(value)) {
    const [[name, one]] = Object.entries(value);
    await select.selectOption({ label: name });
    return fill(payload, branches.find((branch) => branch.properties?.[name]).properties[name], one);
  }
  const branch = branches.find((one) => one.type !== 'null' && !one.enum);
  await select.selectOption({ label: branch.type });
  return fill(payload, branch, value);
}

async function array(body, nested, schema, value) {
  if (schema.prefixItems || (schema.minItems !== undefined && schema.minItems === schema.maxItems)) {
    for (const [at, one] of value.entries()) await fill(within(nested, ['field']).nth(at), schema.prefixItems?.[at] ?? schema.items, one);
    return;
  }
  if (schema.items.enum) {
    for (const one of value) await body.locator('.flags').getByLabel(one, { exact: true }).check();
    return;
  }
  for (const [at, one] of value.entries()) {
    await nested.locator('xpath=./button').click();
    await fill(within(nested, ['rows', 'row', 'field']).nth(at), schema.items, one);
  }
}

/** Presses the button, and returns what was sent and what came back. */
export async function call(page, verb = 'Call') {
  const before = await page.locator('#calls .call').count();
  const answered = page.waitForResponse((response) => response.url().endsWith('/mcp') && response.request().method() === 'POST');
  await page.locator('#item form').getByRole('button', { name: verb, exact: true }).click();
  const response = await answered;
  const shown = page.locator('#calls .call').first();
  if (before < 30) assert.equal(await page.locator('#calls .call').count(), before + 1);
  return { sent: response.request().postData(), shown, response };
}

/** Waits until a call has ended this way. */
export const ends = (shown, text) => shown.locator('.outcome', { hasText: text }).waitFor();
