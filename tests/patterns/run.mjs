// Compiles with the engine of JavaScript, as clients do, what the host's unit tests say of patterns: what is refused must
// not compile, unless the table says so, and what is accepted must match the same texts.

import { readFileSync } from "node:fs";

const TABLE = new URL("../../host/src/codec/testing/patterns.json", import.meta.url);

const { refused, accepted } = JSON.parse(readFileSync(TABLE, "utf8"));

/** Compiles a pattern as validators of JSON Schema do; `undefined` if it is none. */
function compile(pattern) {
  try {
    return new RegExp(pattern, "u");
  } catch {
    return undefined;
  }
}

let failures = 0;
function check(is, what) {
  if (!is) {
    failures += 1;
    console.error(`FAILED  ${what}`);
  }
}

for (const { pattern, javascript } of refused) {
  const compiles = compile(pattern) !== undefined;
  check(compiles === (javascript === "compiles"), `${pattern}: JavaScript ${compiles ? "compiles" : "refuses"} it`);
}
for (const { pattern, text, matches } of accepted) {
  const found = compile(pattern)?.test(text);
  check(found === matches, `${pattern} on ${JSON.stringify(text)}: ${found} in JavaScript`);
}
if (failures > 0) process.exit(1);
console.log(`ok  JavaScript reads ${refused.length + accepted.length} patterns as the server does`);
