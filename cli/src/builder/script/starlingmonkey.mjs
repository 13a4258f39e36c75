// Makes a component of a module with StarlingMonkey. `toolcell build` runs it inside the plugin's directory, so that
// the project's own componentize-js is found.

import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';

const PACKAGE = '@bytecodealliance/componentize-js';
const SPLICER = '../lib/spidermonkey-embedding-splicer.js';

const { values: options } = parseArgs({
  options: {
    js: { type: 'string' },
    wit: { type: 'string' },
    world: { type: 'string' },
    output: { type: 'string' },
    // `fetch`: the component then imports wasi:http.
    http: { type: 'boolean', default: false },
    // `WRONG=RIGHT`: the WIT calls an interface other than the plugin's module does.
    renamed: { type: 'string', multiple: true, default: [] },
  },
});

const { componentize } = await import(PACKAGE);
const { splicer } = await import(new URL(SPLICER, import.meta.resolve(PACKAGE)).href);

// The engine hands 64-bit integers to the bindings without their sign and takes them back so, and it reads what is
// not an int32 as one. The bindings expect the numbers that JavaScript exchanges with WebAssembly elsewhere: they get
// them here. Without it, s64 arguments lose their sign, negative s64 results end the call, and u32 results from 2^31
// on become other numbers. And a text that starts with U+FEFF would lose it.
const MENDED = [
  { where: 'function toInt64(', wrong: 'BigInt.asIntN(64, converted)', right: 'BigInt.asUintN(64, converted)' },
  { where: 'function toUint32(', wrong: 'return val >>> 0;', right: 'return val | 0;' },
  { where: 'TEXT_DECODER_UTF8', wrong: 'new TextDecoder()', right: "new TextDecoder('utf-8', { ignoreBOM: true })" },
];

const splice = splicer.spliceBindings;
splicer.spliceBindings = (...inputs) => {
  const spliced = splice(...inputs);
  let text = spliced.jsBindings;
  for (const { where, wrong, right } of MENDED) if (text.includes(where)) text = replaced(text, wrong, right);
  for (const [wrong, right] of options.renamed.map((names) => names.split('='))) {
    text = text.replaceAll(`'${wrong}'`, () => `'${right}'`);
  }
  for (const [name, { params, paramptr }] of spliced.exports) {
    const lines = params.flatMap((type, at) => (type === 'i64' ? [`arg${at} = BigInt.asIntN(64, arg${at});`] : []));
    if (paramptr || lines.length === 0) continue;
    const names = params.map((_, at) => `arg${at}`).join(', ');
    text = withLines(text, `function ${name}(${names}`, lines);
  }
  return { ...spliced, jsBindings: text };
};

/** Puts lines at the beginning of the function whose head starts so. */
function withLines(text, start, lines) {
  const head = text.slice(text.indexOf(start)).split('{', 1)[0];
  return replaced(text, `${head}{`, `${head}{\n  ${lines.join('\n  ')}`);
}

function replaced(text, old, now) {
  if (!text.includes(old)) throw new Error('componentize-js makes other bindings than those of version 0.23.0');
  return text.replace(old, () => now);
}

try {
  const { component } = await componentize({
    sourcePath: options.js,
    witPath: options.wit,
    worldName: options.world,
    disableFeatures: options.http ? ['fetch-event'] : ['http', 'fetch-event'],
  });
  await writeFile(options.output, component);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
