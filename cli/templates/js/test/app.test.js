import assert from 'node:assert/strict';
import test from 'node:test';

import { tools } from '../src/app.js';

test('the rest is what no equal share can hold', () => {
  assert.deepEqual(tools.splitBill(1000, 3, 0), { each: 333, rest: 1 });
});

test('fractions of a cent are dropped', () => {
  assert.deepEqual(tools.splitBill(999, 1, 10), { each: 1098, rest: 0 });
});

test('a bill needs guests', () => {
  assert.throws(() => tools.splitBill(1000, 0, 0), { tag: 'no-guests' });
});

test('a bill that no share can hold is refused', () => {
  assert.throws(() => tools.splitBill(2 ** 32 - 1, 1, 1), { tag: 'too-large', val: 2 ** 32 - 1 });
});
