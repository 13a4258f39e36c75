// Proposes names of activities, for the prompt and for the resources.

import { ACTIVITIES } from './activity.js';
import { TEMPLATE } from './resources.js';

/** @import { Completion } from 'toolcell:plugin/completion@0.1.0' */

/** @type {Completion} */
export const completion = {
  complete({ tag, val }, argument, value) {
    const known = (tag === 'prompt' ? val === 'advise' : val === TEMPLATE) && argument === 'activity';
    const names = known ? ACTIVITIES.map(({ name }) => name) : [];
    return { values: names.filter((name) => name.startsWith(value.toLowerCase())), hasMore: false };
  },
};
