// Every function of ../../wit in JavaScript; the same file for both engines.

const same = (value) => value;

export const echo = {
  echoBool: same,
  echoU8: same,
  echoS8: same,
  echoU16: same,
  echoS16: same,
  echoU32: same,
  echoS32: same,
  echoU64: same,
  echoS64: same,
  echoF32: same,
  echoF64: same,
  echoChar: same,
  echoString: same,

  echoBytes: same,
  echoU16s: same,
  echoS64s: same,
  echoF32s: same,
  echoBools: same,
  echoChars: same,
  echoStrings: same,
  echoTable: same,
  echoPoints: same,
  echoColors: same,

  echoPoint: same,
  echoCrowd: same,
  echoBranch: same,
  echoShape: same,
  echoShapes: same,
  echoColor: same,
  echoPermissions: same,
  echoMany: same,
  echoTuple: same,
  echoNestedTuple: same,

  echoOptionU32: same,
  echoOptionString: same,
  echoOptionBytes: same,
  echoOptionOption: same,
  echoOptions: same,

  echoResults: same,
  echoResultUnit: same,
  echoResultBare: same,
};

const COLORS = ['red', 'light-green', 'blue'];

export const compute = {
  nothing() {},

  concatenate: (...texts) => texts.join(''),

  /** 64-bit integers are BigInts in StarlingMonkey, and numbers in QuickJS. */
  xorU64(values) {
    const sum = values.reduce((sum, value) => sum ^ BigInt(value), 0n);
    return typeof values[0] === 'bigint' ? sum : Number(sum);
  },

  byteLengths: (texts) => texts.map(byteLength),

  codePoint: (value) => value.codePointAt(0),

  nextColor: (value) => COLORS[(COLORS.indexOf(value) + 1) % COLORS.length],

  complement: ({ read, write, use }) => ({ read: !read, write: !write, use: !use }),

  bounds(points) {
    if (points.length === 0) throw { tag: 'empty' };
    const xs = points.map(({ x }) => x);
    const ys = points.map(({ y }) => y);
    return [
      { x: Math.min(...xs), y: Math.min(...ys) },
      { x: Math.max(...xs), y: Math.max(...ys) },
    ];
  },

  caseName: ({ tag }) => tag,

  root(value) {
    if (value < 0) throw { tag: 'negative', val: value };
    return Math.floor(Math.sqrt(value));
  },

  fail(message) {
    if (message !== '') throw message;
  },
};

/** Bytes of a text in UTF-8. QuickJS has no TextEncoder. */
function byteLength(text) {
  let bytes = 0;
  for (const character of text) {
    const point = character.codePointAt(0);
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return bytes;
}
