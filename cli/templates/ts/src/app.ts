// Splits a restaurant bill. wit/world.wit is the contract of the tool.

import type { SplitError, Tools } from 'example:{{name}}/tools@0.1.0';

const LARGEST_BILL = 2 ** 32 - 1;

export const tools: Tools = {
  splitBill(total, guests, tip) {
    if (guests === 0) throw { tag: 'no-guests' } satisfies SplitError;
    const sum = total + Math.floor((total * tip) / 100);
    if (sum > LARGEST_BILL) throw { tag: 'too-large', val: LARGEST_BILL } satisfies SplitError;
    return { each: Math.floor(sum / guests), rest: sum % guests };
  },
};
