import assert from 'node:assert/strict';
import test from 'node:test';

import { completion } from '../src/completion.js';
import { pack } from '../src/luggage.js';
import { FIELDS, trip } from '../src/question.js';
import { resources } from '../src/resources.js';

const WEEKEND = { days: 2, weather: 'mild', laundry: false, activities: [] };

/** @param {any[]} items */
const counts = (items) => Object.fromEntries(items.map(({ name, count }) => [name, count]));

test('clothes are for every day, or until the next laundry', () => {
  assert.equal(counts(pack(WEEKEND)).shirt, 2);
  assert.equal(counts(pack({ ...WEEKEND, days: 21, laundry: true })).shirt, 5);
  assert.equal(counts(pack({ ...WEEKEND, days: 21 })).trousers, 7);
});

test('what two activities have in common is packed once', () => {
  const items = pack({ ...WEEKEND, weather: 'cold', activities: ['skiing', 'cycling'] });
  assert.equal(items.filter(({ name }) => name === 'gloves').length, 1);
  assert.equal(items.filter(({ name }) => name === 'helmet').length, 1);
});

test('a trip that cannot be is refused', () => {
  assert.throws(() => pack({ ...WEEKEND, days: 0 }), { tag: 'unfit-days', val: 0 });
  assert.throws(() => pack({ ...WEEKEND, activities: ['sleeping'] }), { tag: 'unknown-activity', val: 'sleeping' });
});

test('a form that is sent as it is shown is a trip', () => {
  const values = FIELDS.map(({ name, kind }) => [name, { tag: kind.tag, val: kind.val.default }]);
  assert.deepEqual(trip(values), { days: 3, weather: 'mild', laundry: false, activities: [] });
});

test('what is not required may be missing', () => {
  const values = [['days', { tag: 'integer', val: 1 }], ['weather', { tag: 'text', val: 'hot' }]];
  assert.deepEqual(trip(values), { days: 1, weather: 'hot', laundry: false, activities: [] });
});

test('every list that is listed can be read', () => {
  for (const { uri, title } of resources.listResources().resources) {
    assert.match(resources.readResource(uri).contents[0].body.val, new RegExp(`^# ${title}\n`));
  }
  assert.throws(() => resources.readResource('packing:///activities/sleeping'), { tag: 'not-found' });
});

test('names are proposed where an activity is wanted', () => {
  const prompt = { tag: 'prompt', val: 'advise' };
  assert.deepEqual(completion.complete(prompt, 'activity', 'S', []).values, ['skiing', 'swimming']);
  assert.deepEqual(completion.complete(prompt, 'destination', '', []).values, []);
});
