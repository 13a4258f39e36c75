// Looks into JSON documents, compares and changes them. The contract of every function is in wit/world.wit.

import jmespath from 'jmespath';
import { createPatch } from 'rfc6902';

import { describe } from './describe.js';
import { checkArrays, parse } from './document.js';
import { patch } from './patch.js';

/** @import { Tools } from 'samples:json/tools@0.1.0' */

/** @type {Tools} */
export const tools = {
  describeJson: (document, maxDepth) => describe(parse('document', document), maxDepth),

  queryJson(document, expression) {
    const value = parse('document', document);
    try {
      return JSON.stringify(jmespath.search(value, expression) ?? null);
    } catch (error) {
      throw { tag: 'bad-expression', val: /** @type {Error} */ (error).message };
    }
  },

  diffJson(before, after) {
    const documents = [parse('before', before), parse('after', after)];
    documents.forEach(checkArrays);
    return JSON.stringify(createPatch(documents[0], documents[1]));
  },

  patchJson: (document, operations) =>
    JSON.stringify(patch(parse('document', document), parse('patch', operations))),
};
