// Works out what to pack.

import { activity } from './activity.js';

/** @import { Item, Trip, Weather } from 'samples:packing/tools@0.1.0' */

export const MOST_DAYS = 60;

/** With laundry, clothes for so many days go a long way. */
const DAYS_BETWEEN_LAUNDRIES = 5;

/** @type {Record<Weather, string[]>} One of each. */
const AGAINST_WEATHER = {
  hot: ['sun hat', 'sunscreen'],
  mild: ['jumper', 'light jacket'],
  cold: ['warm jacket', 'scarf', 'gloves', 'woolly hat'],
};

/**
 * The list for a trip. What two purposes have in common is packed once.
 *
 * @param {Trip} trip
 * @returns {Item[]}
 */
export function pack({ days, weather, laundry, activities }) {
  if (days < 1 || days > MOST_DAYS) throw { tag: 'unfit-days', val: days };
  const dressed = laundry ? Math.min(days, DAYS_BETWEEN_LAUNDRIES) : days;
  const items = [
    item('underwear', dressed, 'clothes'),
    item('pair of socks', dressed, 'clothes'),
    item('shirt', dressed, 'clothes'),
    item('trousers', Math.ceil(dressed / 3), 'clothes'),
    ...AGAINST_WEATHER[weather].map((name) => item(name, 1, 'clothes')),
    ...activities.flatMap(forActivity),
  ];
  return items.filter(({ name }, at) => items.findIndex((other) => other.name === name) === at);
}

/**
 * @param {string} name
 * @returns {Item[]}
 */
function forActivity(name) {
  const found = activity(name);
  if (!found) throw { tag: 'unknown-activity', val: name };
  return found.items.map((item_name) => item(item_name, 1, name));
}

/**
 * @param {string} name
 * @param {number} count
 * @param {string} purpose
 * @returns {Item}
 */
function item(name, count, purpose) {
  return { name, count, purpose };
}
