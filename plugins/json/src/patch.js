// Applies patches: all of one, or nothing.

import { applyPatch } from 'rfc6902';

/** Keys that the library steps over in silence. */
const STEPPED_OVER = ['__proto__', 'constructor', 'prototype'];

const OPERATIONS = ['add', 'remove', 'replace', 'move', 'copy', 'test'];

/**
 * The document after every operation.
 *
 * @param {any} document
 * @param {any} operations
 * @returns {any}
 */
export function patch(document, operations) {
  if (!Array.isArray(operations)) throw badPatch('a patch is an array of operations');
  // The library cannot replace a document as a whole, but a member of one.
  const holder = { document };
  const moved = operations.map((operation, index) => within(operation, index, '/document'));
  const failed = applyPatch(holder, moved).findIndex((outcome) => outcome !== null);
  if (failed >= 0) throw cannotPatch(failed, operations[failed]);
  return holder.document;
}

/**
 * The same operation on a document inside another one.
 *
 * @param {any} operation
 * @param {number} index
 * @param {string} place
 */
function within(operation, index, place) {
  if (!OPERATIONS.includes(operation?.op)) {
    throw badPatch(`operation ${index} has none of these as its "op": ${OPERATIONS.join(', ')}`);
  }
  const moved = { ...operation };
  for (const key of operation.op === 'move' || operation.op === 'copy' ? ['from', 'path'] : ['path']) {
    moved[key] = place + pointer(operation[key], `"${key}" of operation ${index}`);
  }
  return moved;
}

/**
 * @param {any} text
 * @param {string} where
 * @returns {string}
 */
function pointer(text, where) {
  if (typeof text !== 'string' || !/^(\/([^~]|~[01])*)?$/.test(text)) throw badPatch(`${where} is no JSON Pointer`);
  const key = text.split('/').find((token) => STEPPED_OVER.includes(token));
  if (key !== undefined) throw badPatch(`${where} leads through "${key}", which is not supported`);
  return text;
}

/**
 * @param {number} index
 * @param {any} operation
 */
function cannotPatch(index, { op, path }) {
  const message = op === 'test' ? 'the value is another one' : 'there is nothing at that place';
  return { tag: 'cannot-patch', val: { index, path, message } };
}

/** @param {string} message */
function badPatch(message) {
  return { tag: 'bad-patch', val: message };
}
