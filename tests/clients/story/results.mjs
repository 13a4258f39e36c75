// Reads results, and checks refusals.

import assert from 'node:assert/strict';

/** The error code for invalid params. */
export const INVALID_PARAMS = -32602;

/** The last revision in which a server without sessions cannot ask. */
export const LEGACY = '2025-11-25';

/** The error code for a missing resource in legacy revisions. */
const RESOURCE_NOT_FOUND = -32002;

/** Returns the error code with which a client reports a missing resource. */
export function notFound(client, revision) {
  if (client.notFound !== undefined) return client.notFound;
  return revision === LEGACY ? RESOURCE_NOT_FOUND : INVALID_PARAMS;
}

/** Returns the texts of a tool's result. */
export function texts(result) {
  return result.content.filter((block) => block.type === 'text').map((block) => block.text);
}

/** Returns the only text of a tool's result, which must not be an error. */
export function text(result) {
  assert.ok(!result.isError, texts(result).join());
  assert.equal(result.content.length, 1);
  return texts(result)[0];
}

/** Returns the element of a list with a name, which must exist. */
export function named(list, name) {
  const found = list.find((element) => element.name === name);
  assert.ok(found !== undefined, `${name} is missing from ${list.map((element) => element.name)}`);
  return found;
}

/** Expects the server to refuse a request, with this code and these words as far as the client reports them. */
export async function refused(client, request, code, words) {
  await assert.rejects(request, (error) => {
    const refusal = client.refusal(error);
    assert.equal(refusal.code ?? code, code);
    assert.match(refusal.message, words);
    return true;
  });
}
