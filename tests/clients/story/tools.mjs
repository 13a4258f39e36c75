// Tools of the conformance server: every kind of content, progress, headers and errors.

import assert from 'node:assert/strict';

import { INVALID_PARAMS, named, text, texts } from './results.mjs';

/** Checks of `tools/list` and `tools/call`. */
export const tools = {
  'negotiates the revision': async (client, { revision }) => {
    assert.equal(await client.revision(), revision);
  },

  'lists tools with their schemas': async (client) => {
    const list = await client.listTools();
    for (const name of ['test_simple_text', 'test_tool_with_progress', 'test_input_required_result_elicitation']) {
      assert.equal(named(list, name).inputSchema.type, 'object');
    }
    assert.deepEqual(named(list, 'test_custom_header').inputSchema.required, ['value']);
  },

  'calls a tool': async (client) => {
    const result = await client.callTool('test_simple_text', {});
    assert.equal(text(result), 'This is a simple text response for testing.');
  },

  'receives an image': async (client) => {
    const { content } = await client.callTool('test_image_content', {});
    assert.deepEqual(content.map(({ type, mimeType }) => [type, mimeType]), [['image', 'image/png']]);
    assert.equal(Buffer.from(content[0].data, 'base64').toString('latin1', 1, 4), 'PNG');
  },

  'receives a sound': async (client) => {
    const { content } = await client.callTool('test_audio_content', {});
    assert.deepEqual(content.map(({ type, mimeType }) => [type, mimeType]), [['audio', 'audio/wav']]);
    assert.equal(Buffer.from(content[0].data, 'base64').toString('latin1', 0, 4), 'RIFF');
  },

  'receives several blocks in their order': async (client) => {
    const { content } = await client.callTool('test_multiple_content_types', {});
    assert.deepEqual(content.map(({ type }) => type), ['text', 'image', 'resource']);
    assert.equal(content[2].resource.uri, 'test://mixed-content-resource');
    assert.deepEqual(JSON.parse(content[2].resource.text), { test: 'data', value: 123 });
  },

  'hears of progress': async (client) => {
    const heard = [];
    const result = await client.callTool('test_tool_with_progress', {}, (report) => heard.push(report));
    assert.equal(text(result), 'Progress was reported.');
    const reports = [[0, 100], [50, 100], [100, 100]];
    const expected = client.losesReports ? reports.slice(0, heard.length) : reports;
    assert.deepEqual(heard.map(({ progress, total }) => [progress, total]), expected);
  },

  'calls a tool whose argument is a header as well': async (client) => {
    const value = ' Größe: 7 ';
    assert.equal(text(await client.callTool('test_custom_header', { value })), value);
  },

  "is told of a tool's own error": async (client) => {
    const result = await client.callTool('test_error_handling', {});
    assert.equal(result.isError, true);
    assert.deepEqual(texts(result), ['This tool intentionally returns an error for testing']);
  },

  'gets a protocol error for an unknown tool': async (client) => {
    await assert.rejects(client.callTool('no_such_tool', {}), { code: INVALID_PARAMS });
  },
};
