// Texts that mean harm: markup, characters that turn writing around, a megabyte; in a catalog that the test makes up.

import assert from 'node:assert/strict';
import { call, choose, ends } from './page.mjs';

const MARKUP = '<img src=x onerror="window.broken=1"><script>window.broken=1</script><b>bold</b>';
const TURNED = 'safe\u202egnp.exe\u2066\u0000\u200b';
const LONG = 'long '.repeat(210_000);

const TOOL = {
  name: `evil ${MARKUP}`,
  title: TURNED,
  description: LONG + MARKUP,
  inputSchema: {
    type: 'object',
    properties: {
      [MARKUP]: { type: 'string', description: MARKUP + TURNED, default: MARKUP },
      __proto: { type: 'string', enum: [MARKUP, TURNED] },
      odd: { type: ['string', 'integer'], description: '"><script>' },
      deep: { anyOf: [{ $ref: '#/$defs/none' }, false, {}] },
      map: { type: 'object', additionalProperties: { type: 'integer' } },
    },
    required: ['odd'],
  },
};

const RESULT = {
  resultType: 'complete',
  isError: true,
  content: [
    { type: 'text', text: `arguments.odd: ${MARKUP}${TURNED}` }, { type: 'text', text: LONG }, { type: MARKUP },
    { type: 'image', data: MARKUP, mimeType: MARKUP }, { type: 'resource_link', uri: 'javascript:alert(1)', name: MARKUP, description: MARKUP },
    { type: 'resource', resource: { uri: MARKUP, blob: '!!!' } }, null, 7,
  ],
  structuredContent: { [MARKUP]: TURNED },
};

/** Puts a made-up server in the place of the real one. */
async function pretend(page, answers) {
  await page.route('**/mcp', (route) => {
    const { id, method } = route.request().postDataJSON();
    const result = answers[method] ?? { resultType: 'complete', tools: [], prompts: [], resources: [], resourceTemplates: [] };
    return route.fulfill({ json: { jsonrpc: '2.0', id, result } });
  });
  await page.goto(page.url().split('#')[0]);
  await page.locator('#connection', { hasText: /^connected$/ }).waitFor();
}

const server = { 'server/discover': { resultType: 'complete', capabilities: { tools: {} }, serverInfo: { name: MARKUP, title: TURNED } } };

async function isHarmless(page) {
  assert.equal(await page.evaluate(() => window.broken), undefined);
  assert.deepEqual(await page.locator('#main img, #main b, main script, nav img').count(), 0);
  const text = await page.evaluate(() => document.body.innerText);
  assert.doesNotMatch(text, /[\u202a-\u202e\u2066-\u2069\u200b\u0000]/);
}

export const tests = [
  ['shows markup, turned and endless texts of tools as what they are', async (page) => {
    await pretend(page, { ...server, 'tools/list': { tools: [TOOL, { name: 'bare' }] }, 'tools/call': RESULT });
    await choose(page, TOOL.name);
    await page.locator('#item', { hasText: 'safe⟦U+202E⟧gnp.exe⟦U+2066 U+0000 U+200B⟧' }).waitFor();
    await isHarmless(page);
    assert.equal(await page.evaluate((size) => document.getElementById('item').innerText.length < size, 60_000), true);
    await page.locator('#item .code:visible').first().fill('1');
    await page.locator('#item .field', { hasText: 'map' }).last().locator('.head input').check();
    await page.getByRole('button', { name: 'Add an entry' }).click();
    await page.getByLabel('Key').fill('__proto__');
    await page.locator('#item .row').getByLabel('value', { exact: true }).fill('12345678901234567');
    const { sent, shown } = await call(page);
    assert.match(sent, /"map":\{"__proto__":"12345678901234567"\}/);
    await ends(shown, /isError/);
    await isHarmless(page);
    const beside = await page.locator('#item .field', { hasText: 'odd' }).locator('.complaint:visible').innerText();
    assert.match(beside, /^arguments\.odd: .*safe⟦U\+202E⟧gnp\.exe/);
    assert.ok(beside.length < 1_100, `${beside.length} characters beside a field`);
    await shown.getByRole('button', { name: /Show all 1,050,000/ }).click();
    await isHarmless(page);
    await choose(page, 'bare');
    await ends((await call(page)).shown, /isError/);
  }],
  ['knows a tool by its name alone, and not by what every object has', async (page) => {
    await page.route('**/dev/state', async (route) => {
      const state = await (await route.fetch()).json();
      return route.fulfill({ json: { ...state, plugins: [{ name: 'other', tools: {}, prompts: {}, hasCases: true }] } });
    });
    await pretend(page, { ...server, 'tools/list': { tools: [{ name: 'constructor' }] }, 'tools/call': { resultType: 'complete', content: [] } });
    await choose(page, 'constructor');
    const { shown } = await call(page);
    await ends(shown, /ok/);
    await shown.getByRole('button', { name: 'Use its arguments' }).waitFor();
    assert.equal(await shown.getByRole('button', { name: 'Write a case' }).count(), 0);
  }],
  ['survives answers that are no MCP', async (page) => {
    for (const body of ['', 'no JSON', '[]', '{"jsonrpc":"2.0","id":1}', '{"result":{"content":"text"}}', '{"error":{}}', '{"result":{"resultType":"input_required"}}']) {
      await pretend(page, { ...server, 'tools/list': { tools: [{ name: 'odd', inputSchema: null }] } });
      await choose(page, 'odd');
      let rounds = 0;
      await page.route('**/mcp', (route) => (route.request().postDataJSON().method === 'tools/call' && rounds++ < 1
        ? route.fulfill({ contentType: 'application/json', body })
        : route.fulfill({ json: { jsonrpc: '2.0', id: 1, result: { content: [] } } })));
      const { shown } = await call(page);
      await ends(shown, /ok|error/);
      await page.unrouteAll();
    }
  }],
];
