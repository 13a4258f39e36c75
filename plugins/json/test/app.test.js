import assert from 'node:assert/strict';
import test from 'node:test';

import { tools } from '../src/app.js';

const ORDERS = JSON.stringify({
  orders: [
    { id: 1, total: 120.5, 'ship to': 'Oslo' },
    { id: 2, total: 80, note: null },
  ],
});

test('a query selects and reshapes', () => {
  assert.equal(tools.queryJson(ORDERS, 'orders[?total > `100`].{no: id}'), '[{"no":1}]');
  assert.equal(tools.queryJson(ORDERS, 'customers'), 'null');
});

test('an expression that is none is told apart from a document that is none', () => {
  assert.throws(() => tools.queryJson(ORDERS, 'orders['), { tag: 'bad-expression' });
  assert.throws(() => tools.queryJson('{', 'orders'), ({ tag, val }) => tag === 'not-json' && val.argument === 'document');
});

test('a description has paths that a query understands', () => {
  const { places, more } = tools.describeJson(ORDERS, 6);
  assert.deepEqual(
    places.map(({ path, count }) => [path, count]),
    [['@', 1], ['orders', 1], ['orders[*]', 2], ['orders[*].id', 2], ['orders[*].total', 2], ['orders[*]."ship to"', 1], ['orders[*].note', 1]],
  );
  assert.equal(more, false);
  assert.equal(tools.queryJson(ORDERS, 'orders[*]."ship to"'), '["Oslo"]');
});

test('a description says that there is more below its depth', () => {
  assert.deepEqual(tools.describeJson('[[1]]', 1).places.map(({ path }) => path), ['@', '[*]']);
  assert.equal(tools.describeJson('[[1]]', 1).more, true);
  assert.equal(tools.describeJson('[[]]', 1).more, false);
});

test('a comparison is a patch that makes the one of the other', () => {
  const after = JSON.stringify({ orders: [{ id: 2, total: 81 }], open: true });
  assert.deepEqual(JSON.parse(tools.patchJson(ORDERS, tools.diffJson(ORDERS, after))), JSON.parse(after));
});

test('a patch replaces a whole document', () => {
  assert.equal(tools.patchJson('1', '[{"op": "replace", "path": "", "value": [2]}]'), '[2]');
});

test('a patch that fails says which operation', () => {
  const patch = '[{"op": "test", "path": "/a", "value": 1}, {"op": "remove", "path": "/b"}]';
  assert.throws(() => tools.patchJson('{"a": 1}', patch), {
    tag: 'cannot-patch',
    val: { index: 1, path: '/b', message: 'there is nothing at that place' },
  });
});

test('a patch of anything else is refused', () => {
  for (const patch of ['{}', '[1]', '[{"op": "eat", "path": ""}]', '[{"op": "remove", "path": "a"}]', '[{"op": "remove", "path": "/constructor/a"}]']) {
    assert.throws(() => tools.patchJson('{"a": 1}', patch), { tag: 'bad-patch' }, patch);
  }
});

test('hostile documents are refused before they cost anything', () => {
  assert.throws(() => tools.queryJson('['.repeat(100_000), '@'), { tag: 'not-json' });
  assert.throws(() => tools.diffJson('[]', JSON.stringify(Array(1_001).fill(0))), { tag: 'too-many-items', val: 1_000 });
  assert.equal(tools.queryJson('"[[[["', '@'), '"[[[["');
});
