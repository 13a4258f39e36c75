// Checks of the sample plugins (toolcell.toml), for every client and revision.

import assert from 'node:assert/strict';

import { INVALID_PARAMS, texts } from './results.mjs';

/** Checks against the sample plugins. */
export const samples = {
  'negotiates the revision': async (client, { revision }) => {
    assert.equal(await client.revision(), revision);
  },

  'lists tools with their schemas': async (client) => {
    const tools = await client.listTools();
    const names = tools.map((tool) => tool.name);
    for (const name of ['make_slug', 'count_text', 'count_primes', 'read_lines', 'gallery_greet']) {
      assert.ok(names.includes(name), `${name} is missing from ${names}`);
    }
    assert.equal(new Set(names).size, names.length, 'names repeat');
    const slug = tools.find((tool) => tool.name === 'make_slug');
    assert.match(slug.description, /^Turns a title into a slug/);
    assert.deepEqual(slug.inputSchema.required, ['text']);
    assert.equal(slug.inputSchema.properties.max_length.default, 80);
    assert.equal(slug.annotations.readOnlyHint, true);
  },

  'calls a tool that returns text': async (client) => {
    const result = await client.callTool('make_slug', { text: 'Crème Brûlée: the recipe' });
    assert.ok(!result.isError);
    assert.deepEqual(texts(result), ['creme-brulee-the-recipe']);
  },

  'calls a tool that returns a record': async (client) => {
    const result = await client.callTool('count_text', { text: 'two words\n' });
    assert.ok(!result.isError);
    const { reading_minutes, ...counts } = result.structuredContent;
    assert.deepEqual(counts, { characters: 10, words: 2, lines: 1, utf8_bytes: 10 });
    assert.ok(reading_minutes > 0);
    assert.deepEqual(JSON.parse(texts(result)[0]), result.structuredContent);
  },

  'reads a granted file': async (client) => {
    const result = await client.callTool('read_lines', { path: 'recipes/pancakes.md', max_lines: 1 });
    assert.ok(!result.isError, texts(result).join());
    assert.equal(result.structuredContent.text, '# Pancakes\n');
  },

  "is told of a tool's own error": async (client) => {
    const result = await client.callTool('make_slug', { text: '…' });
    assert.equal(result.isError, true);
    assert.match(texts(result)[0], /nothing_left/);
  },

  'is told of a wrong argument in words that a model can use': async (client) => {
    const result = await client.callTool('make_slug', { text: 'a', max_length: -1 });
    assert.equal(result.isError, true);
    assert.match(texts(result)[0], /max_length.*-1/);
  },

  'is told of a missing argument': async (client) => {
    const result = await client.callTool('make_slug', {});
    assert.equal(result.isError, true);
    assert.match(texts(result)[0], /text/);
  },

  'gets a protocol error for an unknown tool': async (client) => {
    await assert.rejects(client.callTool('no_such_tool', {}), { code: INVALID_PARAMS });
  },

  'hears of progress': async (client) => {
    const limit = 10_000_000;
    const heard = [];
    const result = await client.callTool('count_primes', { limit }, (report) => heard.push(report));
    assert.equal(result.structuredContent.count, 664_579);
    assert.ok(client.losesReports || heard.length >= 3, `heard ${heard.length} reports`);
    assert.ok(heard.every(({ total }) => total === limit));
    assert.ok(heard.every(({ progress }, at) => at === 0 || progress > heard[at - 1].progress));
    assert.ok(heard.every(({ message }) => /primes below/.test(message)));
  },
};
