// Finds out what a document is made of.

/** @import { Description, Kind, Place } from 'samples:json/tools@0.1.0' */

const MOST_PLACES = 200;
const EXAMPLE_CHARACTERS = 60;

/**
 * Describes the places of a document, down to a depth.
 *
 * @param {any} document
 * @param {number} maxDepth
 * @returns {Description}
 */
export function describe(document, maxDepth) {
  /** @type {Map<string, Place>} */
  const places = new Map();
  let more = false;

  /**
   * @param {string} path
   * @param {any} value
   * @param {number} depth
   */
  function visit(path, value, depth) {
    const place = places.get(path) ?? { path, kinds: [], count: 0, example: null };
    if (place.count === 0 && places.size === MOST_PLACES) {
      more = true;
      return;
    }
    places.set(path, place);
    const kind = kindOf(value);
    place.count++;
    if (!place.kinds.includes(kind)) place.kinds.push(kind);
    if (kind !== 'array' && kind !== 'object') {
      place.example ??= cut(JSON.stringify(value));
      return;
    }
    const inside = kind === 'array' ? value.map((/** @type {any} */ item) => ['[*]', item]) : Object.entries(value);
    if (depth === maxDepth) more ||= inside.length > 0;
    else for (const [key, item] of inside) visit(kind === 'array' ? path + key : member(path, key), item, depth + 1);
  }

  visit('@', document, 0);
  return { places: [...places.values()].map((place) => ({ ...place, path: short(place.path) })), more };
}

/**
 * @param {any} value
 * @returns {Kind}
 */
function kindOf(value) {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'string' ? 'text' : /** @type {Kind} */ (typeof value);
}

/**
 * The path of an object's member. A key that is no identifier is quoted.
 *
 * @param {string} path
 * @param {string} key
 */
function member(path, key) {
  return `${path}.${/^[A-Za-z_][A-Za-z0-9_]*$/.test(key) ? key : JSON.stringify(key)}`;
}

/**
 * A path without its root.
 *
 * @param {string} path
 */
function short(path) {
  return path.replace(/^@\.?(?=.)/, '');
}

/** @param {string} text */
function cut(text) {
  const characters = [...text];
  return characters.length > EXAMPLE_CHARACTERS ? `${characters.slice(0, EXAMPLE_CHARACTERS).join('')}…` : text;
}
