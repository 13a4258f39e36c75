// Looking into results.

import assert from 'node:assert/strict';

/** JSON-RPC: invalid params. */
export const INVALID_PARAMS = -32602;

/** The last revision in which nothing can be asked without a session. */
export const LEGACY = '2025-11-25';

/** JSON-RPC: the resource is not found, in legacy revisions. */
const RESOURCE_NOT_FOUND = -32002;

/** The code of the error by which a client says that there is no such resource. */
export function notFound(client, revision) {
  if (client.notFound !== undefined) return client.notFound;
  return revision === LEGACY ? RESOURCE_NOT_FOUND : INVALID_PARAMS;
}

/** The texts of a result of a tool. */
export function texts(result) {
  return result.content.filter((block) => block.type === 'text').map((block) => block.text);
}

/** The one text of a result of a tool, which is not an error. */
export function text(result) {
  assert.ok(!result.isError, texts(result).join());
  assert.equal(result.content.length, 1);
  return texts(result)[0];
}

/** The element of a list that has a name, which must be there. */
export function named(list, name) {
  const found = list.find((element) => element.name === name);
  assert.ok(found !== undefined, `${name} is missing from ${list.map((element) => element.name)}`);
  return found;
}

/** Expects the server's refusal of a request, as far as the client tells what it says: its code and its words. */
export async function refused(client, request, code, words) {
  await assert.rejects(request, (error) => {
    const refusal = client.refusal(error);
    assert.equal(refusal.code ?? code, code);
    assert.match(refusal.message, words);
    return true;
  });
}
