// The question about a trip, and what its answer means.

import { ACTIVITIES } from './activity.js';
import { MOST_DAYS } from './luggage.js';

/** @import { Field, Value } from 'toolcell:plugin/ask@0.1.0' */
/** @import { Trip, Weather } from 'samples:packing/tools@0.1.0' */

/** @type {Field[]} */
export const FIELDS = [
  {
    name: 'days',
    title: 'Days',
    required: true,
    kind: { tag: 'integer', val: { minimum: 1, maximum: MOST_DAYS, default: 3 } },
  },
  {
    name: 'weather',
    title: 'Weather',
    required: true,
    kind: {
      tag: 'choice',
      val: {
        choices: [
          { value: 'hot', title: 'Hot, above 25 °C' },
          { value: 'mild', title: 'Mild' },
          { value: 'cold', title: 'Cold, below 10 °C' },
        ],
        default: 'mild',
      },
    },
  },
  {
    name: 'laundry',
    title: 'I can wash clothes there',
    required: false,
    kind: { tag: 'boolean', val: { default: false } },
  },
  {
    name: 'activities',
    title: 'Activities',
    required: false,
    kind: {
      tag: 'choices',
      val: { choices: ACTIVITIES.map(({ name, title }) => ({ value: name, title })), default: [] },
    },
  },
];

/**
 * The trip of an accepted form. The server has checked the values against the fields; those that are not required may
 * be missing.
 *
 * @param {[string, Value][]} values
 * @returns {Trip}
 */
export function trip(values) {
  const entered = Object.fromEntries(values.map(([name, { val }]) => [name, val]));
  return {
    days: Number(entered.days),
    weather: /** @type {Weather} */ (entered.weather),
    laundry: entered.laundry === true,
    activities: /** @type {string[]} */ (entered.activities ?? []),
  };
}
