// Resources and resource templates of the conformance server.

import assert from 'node:assert/strict';

import { named, notFound, refused } from './results.mjs';

/** Checks of `resources/list`, `resources/templates/list` and `resources/read`. */
export const resources = {
  'lists resources': async (client) => {
    const list = await client.listResources();
    assert.deepEqual(
      list.map(({ uri }) => uri).sort(),
      ['test://static-binary', 'test://static-text', 'test://watched-resource'],
    );
    assert.equal(named(list, 'static-binary').mimeType, 'image/png');
  },

  'lists resource templates': async (client) => {
    const template = named(await client.listTemplates(), 'template-data');
    assert.equal(template.uriTemplate, 'test://template/{id}/data');
    assert.equal(template.mimeType, 'application/json');
  },

  'reads a text': async (client) => {
    const [{ uri, mimeType, text }, ...more] = await client.readResource('test://static-text');
    assert.deepEqual(more, []);
    assert.deepEqual([uri, mimeType], ['test://static-text', 'text/plain']);
    assert.equal(text, 'This is the content of the static text resource.');
  },

  'reads bytes': async (client) => {
    const [{ mimeType, blob }] = await client.readResource('test://static-binary');
    assert.equal(mimeType, 'image/png');
    assert.equal(Buffer.from(blob, 'base64').toString('latin1', 1, 4), 'PNG');
  },

  'reads what a template leads to': async (client) => {
    const [{ uri, text }] = await client.readResource('test://template/a-17/data');
    assert.equal(uri, 'test://template/a-17/data');
    assert.equal(JSON.parse(text).id, 'a-17');
  },

  'gets a protocol error for an unknown resource': async (client, { revision }) => {
    for (const uri of ['test://no-such-resource', 'other://no-such-scheme']) {
      await refused(client, client.readResource(uri), notFound(client, revision), /unknown resource/);
    }
  },
};
