// JSON whose numbers keep their digits: a 64-bit integer is not rounded, and 1.0 stays 1.0.

const raw = JSON.rawJSON ?? Number;

/** A number as it is written. */
export const number = (text) => raw(text);

/** Parses a text; numbers that a double would change stay as they are written. */
export function parse(text) {
  return JSON.parse(text, (_, value, context) =>
    typeof value === "number" && context?.source !== undefined && String(value) !== context.source
      ? raw(context.source) : value);
}

/** Tells whether a value is a number, also one that is kept as it is written. */
export const isNumber = (value) =>
  typeof value === "number" || (JSON.isRawJSON?.(value) ?? false);

/** The text of a scalar, for an input. */
export const plain = (value) => (isNumber(value) ? JSON.stringify(value) : String(value));

/** Writes JSON for people. */
export const pretty = (value) => JSON.stringify(value, null, 2);
