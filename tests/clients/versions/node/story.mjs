// Runs a story with a library: list, call, fail and stream. Each check prints a line; the first that fails ends it.
//
// A library is an object with `list()`, which returns names, and `call(name, args, heard)`, which returns {text, failed}.
// `heard` hears of progress; a library without `progress` has no means for it. `callUnknown()` calls a tool that is not
// listed; a library without it calls only listed tools.

import assert from 'node:assert/strict';

const SILENT_MS = 2500; // longer than the server's heartbeat, so that the response becomes a stream

const CHECKS = {
  'lists the tools': async ({ list }) => {
    const names = await list();
    for (const name of ['test_simple_text', 'test_tool_with_progress', 'hostile_sleep']) assert.ok(names.includes(name), name);
  },
  'calls a tool': async ({ call }) => {
    const { text, failed } = await call('test_simple_text', {});
    assert.deepEqual({ text, failed }, { text: 'This is a simple text response for testing.', failed: false });
  },
  "is told of a tool's own error": async ({ call }) => {
    const { text, failed } = await call('test_error_handling', {});
    assert.match(text, /This tool intentionally returns an error for testing/);
    assert.ok(failed !== false, 'the library took an error for a result');
  },
  'is told of an unknown tool': async ({ callUnknown }) => {
    const { text, failed } = await callUnknown('no_such_tool');
    assert.match(text, /no_such_tool/);
    assert.equal(failed, true);
  },
  'waits for a silent call, whose response is a stream': async ({ call }) => {
    const { text, failed } = await call('hostile_sleep', { milliseconds: SILENT_MS });
    assert.deepEqual({ text, failed }, { text: 'slept', failed: false });
  },
  'hears of progress': async ({ call }) => {
    const heard = [];
    const { text } = await call('test_tool_with_progress', {}, ({ progress, total }) => heard.push([progress, total]));
    assert.equal(text, 'Progress was reported.');
    assert.deepEqual(heard, [[0, 100], [50, 100], [100, 100]]);
  },
};

/** Turns whatever a library throws into an answer that failed. */
export async function caught(answer) {
  try {
    return await answer();
  } catch (error) {
    return { text: String(error?.message ?? error), failed: true };
  }
}

/** Joins the text of content. */
export function joined(content) {
  return content.filter(({ type }) => type === 'text').map(({ text }) => text).join('\n');
}

/** Tells the story with a library, whose version its name says. */
export async function tell(alias, library) {
  for (const [name, check] of Object.entries(CHECKS)) {
    const unable = (name.includes('unknown') && !library.callUnknown) || (name.includes('progress') && !library.progress);
    if (unable) {
      console.log(`--      ${alias}: ${name}: the library has no means for it`);
      continue;
    }
    try {
      await check(library);
    } catch (failure) {
      console.log(`FAILED  ${alias}: ${name}`);
      throw failure;
    }
    console.log(`ok      ${alias}: ${name}`);
  }
  await library.close?.();
}
