// A check of a call that says nothing until its end (../proxies), for every client and revision.

import assert from 'node:assert/strict';

import { text } from './results.mjs';

/** Checks against the plugin of ../proxies. */
export const quiet = {
  'waits for a call that says nothing': async (client) => {
    const milliseconds = Number(process.env.QUIET_SECONDS) * 1000;
    assert.ok(milliseconds > 0, 'QUIET_SECONDS is not set');
    assert.equal(text(await client.callTool('sleep', { milliseconds })), 'slept');
  },
};
