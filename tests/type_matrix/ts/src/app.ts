// Every function of ../../wit in TypeScript.

import type { Compute, Color, Failure, Point } from 'matrix:types/compute@0.1.0';
import type { Echo } from 'matrix:types/echo@0.1.0';

const same = <T>(value: T): T => value;

export const echo: Echo = {
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

const COLORS: Color[] = ['red', 'light-green', 'blue'];

export const compute: Compute = {
  nothing() {},

  concatenate: (...texts) => texts.join(''),

  /** 64-bit integers are numbers in QuickJS. */
  xorU64: (values) => Number(values.reduce((sum, value) => sum ^ BigInt(value), 0n)),

  byteLengths: (texts) => texts.map(byteLength),

  codePoint: (value) => value.codePointAt(0)!,

  nextColor: (value) => COLORS[(COLORS.indexOf(value) + 1) % COLORS.length]!,

  complement: ({ read, write, use }) => ({ read: !read, write: !write, use: !use }),

  bounds(points) {
    if (points.length === 0) throw failure({ tag: 'empty' });
    return [corner(points, Math.min), corner(points, Math.max)];
  },

  caseName: ({ tag }) => tag,

  root(value) {
    if (value < 0) throw failure({ tag: 'negative', val: value });
    return Math.floor(Math.sqrt(value));
  },

  fail(message) {
    if (message !== '') throw message;
  },
};

/** Has the compiler check what is thrown. */
function failure(failure: Failure): Failure {
  return failure;
}

function corner(points: Point[], furthest: (...values: number[]) => number): Point {
  return { x: furthest(...points.map(({ x }) => x)), y: furthest(...points.map(({ y }) => y)) };
}

/** Bytes of a text in UTF-8. QuickJS has no TextEncoder. */
function byteLength(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const point = character.codePointAt(0)!;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return bytes;
}
