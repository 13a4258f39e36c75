// Makes packing lists, after asking about the trip. The contract of every function is in wit/world.wit.

import { form } from 'toolcell:plugin/ask@0.1.0';
import { canAsk } from 'toolcell:plugin/call@0.1.0';

import { ACTIVITIES, activity } from './activity.js';
import { pack } from './luggage.js';
import { FIELDS, trip as answered } from './question.js';
import { contents } from './resources.js';

/** @import { Tools } from 'samples:packing/tools@0.1.0' */

export { completion } from './completion.js';
export { resources } from './resources.js';

/** @type {Tools} */
export const tools = {
  /** Up to `form` it runs in each round, and comes to the same question; after it once, with the answer. */
  packForTrip(destination, trip) {
    if (trip) return { tag: 'packed', val: pack(trip) };
    if (!canAsk().form) return { tag: 'needs-trip', val: ACTIVITIES.map(({ name }) => name) };
    const answer = form('trip', `What is the trip to ${destination} like?`, FIELDS);
    if (answer.tag !== 'accepted') return { tag: answer.tag };
    return { tag: 'packed', val: pack(answered(answer.val)) };
  },

  advise(name, destination) {
    const found = activity(name);
    if (!found) throw `There is no activity "${name}".`;
    const where = destination ? ` in ${destination}` : '';
    const request = `I am going ${found.name}${where}. What of this list do I need there, and what is missing?`;
    return {
      description: `Luggage for ${found.name}${where}`,
      messages: [
        { role: 'user', content: { tag: 'embedded-resource', val: { contents: contents(found) } } },
        { role: 'user', content: { tag: 'text', val: { text: request } } },
      ],
    };
  },
};
