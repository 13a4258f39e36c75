// What is done on trips, and what each of it takes.

/**
 * @typedef {object} Activity
 * @property {string} name
 * @property {string} title
 * @property {string[]} items One of each.
 */

/** @type {Activity[]} */
export const ACTIVITIES = [
  {
    name: 'camping',
    title: 'Camping',
    items: ['tent', 'sleeping bag', 'sleeping mat', 'head torch', 'stove', 'pot', 'matches'],
  },
  {
    name: 'cycling',
    title: 'Cycling',
    items: ['helmet', 'repair kit', 'pump', 'lock', 'lights', 'gloves'],
  },
  {
    name: 'hiking',
    title: 'Hiking',
    items: ['boots', 'rain jacket', 'map', 'water bottle', 'first-aid kit', 'day pack'],
  },
  {
    name: 'skiing',
    title: 'Skiing',
    items: ['ski jacket', 'ski trousers', 'gloves', 'goggles', 'helmet', 'sunscreen'],
  },
  {
    name: 'swimming',
    title: 'Swimming',
    items: ['swimwear', 'towel', 'goggles', 'sunscreen', 'flip-flops'],
  },
];

/**
 * The activity of a name.
 *
 * @param {string} name
 */
export function activity(name) {
  return ACTIVITIES.find((activity) => activity.name === name);
}
