// What stands before the text of a document.

import type { FrontMatterError, Parts } from 'samples:markdown/tools@0.1.0';
import { parse } from 'yaml';

const FRONT_MATTER = /^---[ \t]*\n(?:(.*?)\n)??---[ \t]*(?:\n|$)/s;

/** The YAML of a document, what it takes of the text, and the text that follows. */
export function frontMatter(markdown: string): { yaml: string | undefined; skipped: string; body: string } {
  const text = markdown.replaceAll('\r\n', '\n');
  const found = FRONT_MATTER.exec(text);
  const skipped = found?.[0] ?? '';
  return { yaml: found ? (found[1] ?? '') : undefined, skipped, body: text.slice(skipped.length) };
}

export function split(markdown: string): Parts {
  const { yaml, body } = frontMatter(markdown);
  if (yaml === undefined) throw { tag: 'none' } satisfies FrontMatterError;
  return { data: JSON.stringify(mapping(yaml)), body };
}

function mapping(yaml: string): object {
  let value: unknown;
  try {
    value = parse(yaml) ?? {};
  } catch (error) {
    throw badYaml((error as Error).message);
  }
  if (typeof value !== 'object' || Array.isArray(value)) throw badYaml('no mapping of keys to values');
  return value as object;
}

function badYaml(message: string): FrontMatterError {
  return { tag: 'bad-yaml', val: message };
}
