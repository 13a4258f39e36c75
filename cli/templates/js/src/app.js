// Splits a restaurant bill. wit/world.wit is the contract of the tool.

/** @import { Tools } from 'example:{{name}}/tools@0.1.0' */

const LARGEST_BILL = 2 ** 32 - 1;

/** @type {Tools} */
export const tools = {
  splitBill(total, guests, tip) {
    if (guests === 0) throw { tag: 'no-guests' };
    const sum = total + Math.floor((total * tip) / 100);
    if (sum > LARGEST_BILL) throw { tag: 'too-large', val: LARGEST_BILL };
    return { each: Math.floor(sum / guests), rest: sum % guests };
  },
};
