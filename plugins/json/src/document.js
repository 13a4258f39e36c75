// Reads documents that may come from anybody.

/** Arrays and objects inside each other. Everything after this recurses, and the engine's stack ends somewhere. */
const MOST_LEVELS = 200;

/** Comparing two arrays takes the product of their lengths. */
const MOST_ITEMS = 1_000;

/**
 * Reads an argument.
 *
 * @param {string} argument The argument's name.
 * @param {string} text
 * @returns {any}
 */
export function parse(argument, text) {
  if (levels(text) > MOST_LEVELS) {
    throw notJson(argument, `more than ${MOST_LEVELS} arrays and objects inside each other`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw notJson(argument, /** @type {Error} */ (error).message);
  }
}

/**
 * Refuses arrays that are too long to be compared.
 *
 * @param {any} value
 */
export function checkArrays(value) {
  if (Array.isArray(value) && value.length > MOST_ITEMS) throw { tag: 'too-many-items', val: MOST_ITEMS };
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(checkArrays);
}

/**
 * @param {string} argument
 * @param {string} message
 */
function notJson(argument, message) {
  return { tag: 'not-json', val: { argument, message } };
}

/**
 * How many brackets are open at most, outside of strings.
 *
 * @param {string} text
 */
function levels(text) {
  let open = 0;
  let most = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/gs)) {
    if (token === '[' || token === '{') most = Math.max(most, ++open);
    else if (token === ']' || token === '}') open--;
  }
  return most;
}
