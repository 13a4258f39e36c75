// Implements plugins/text/src/{count,slug,sort}.rs as a JavaScript author would write them.

const WORDS_PER_MINUTE = 238;

export function countText(text) {
  const words = text.match(/\S+/g)?.length ?? 0;
  let characters = 0;
  for (const _ of text) characters += 1;
  const lines = text === '' ? 0 : text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
  return {
    characters,
    words,
    lines,
    utf8_bytes: Buffer.byteLength(text),
    reading_minutes: Math.fround(words / WORDS_PER_MINUTE),
  };
}

const LETTERS = new Map(Object.entries({ æ: 'ae', ä: 'ae', ö: 'oe', œ: 'oe', ü: 'ue', ß: 'ss', þ: 'th', ð: 'd', đ: 'd', ø: 'o', ł: 'l', ı: 'i', '&': '-and-' }));

export function makeSlug(text, maxLength) {
  const plain = text
    .toLowerCase()
    .replace(/[æäöœüßþðđøłı&]/g, (letter) => LETTERS.get(letter))
    .normalize('NFD')
    .replace(/[\u0300-\u036f'’]/g, '')
    .replace(/[^a-z0-9]+/g, '-');
  const words = plain.split('-').filter((word) => word !== '');
  let slug = '';
  for (const word of words) {
    const longer = slug === '' ? word : `${slug}-${word}`;
    if (longer.length > maxLength) break;
    slug = longer;
  }
  slug ||= words[0]?.slice(0, maxLength) ?? '';
  if (slug === '') throw new Error('nothing-left');
  return slug;
}

export function sortLines(text, options) {
  const ignoreCase = options.includes('ignore_case');
  const compare = options.includes('natural') ? natural : (a, b) => (a < b ? -1 : a > b ? 1 : 0);
  const ordered = ignoreCase ? (a, b) => compare(a.toLowerCase(), b.toLowerCase()) : compare;
  const ends = text.endsWith('\n');
  let lines = (ends ? text.slice(0, -1) : text).split('\n').sort(ordered);
  if (options.includes('unique')) lines = lines.filter((line, at) => at === 0 || ordered(lines[at - 1], line) !== 0);
  if (options.includes('descending')) lines.reverse();
  return lines.join('\n') + (ends ? '\n' : '');
}

function natural(a, b) {
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const left = digits(a, i);
    const right = digits(b, j);
    if (left === '' || right === '') {
      if (a[i] !== b[j]) return a[i] < b[j] ? -1 : 1;
      i += 1;
      j += 1;
    } else {
      const [x, y] = [left.replace(/^0+/, ''), right.replace(/^0+/, '')];
      if (x.length !== y.length) return x.length - y.length;
      if (x !== y) return x < y ? -1 : 1;
      i += left.length;
      j += right.length;
    }
  }
  return a.length - i - (b.length - j);
}

function digits(text, from) {
  let to = from;
  while (to < text.length && text[to] >= '0' && text[to] <= '9') to += 1;
  return text.slice(from, to);
}
