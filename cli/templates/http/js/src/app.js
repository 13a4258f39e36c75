// Reads pages of one server. wit/world.wit is the contract of the tool.

/** @import { Tools } from 'example:{{name}}/tools@0.1.0' */

// The server. plugin.toml, toolcell.toml and the cases name it, too.
const HOST = 'example.com';

/** @type {Tools} */
export const tools = {
  async readPage(path) {
    const response = await answer(fetch(`https://${HOST}${path}`));
    if (!response.ok) throw { tag: 'status', val: response.status };
    return answer(response.text());
  },
};

/**
 * Waits for a part of the response, whose errors become one of the WIT.
 *
 * @template T
 * @param {Promise<T>} part
 */
async function answer(part) {
  try {
    return await part;
  } catch {
    throw { tag: 'no-answer' };
  }
}
