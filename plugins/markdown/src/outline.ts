// What stands in a document, and where.

import { lexer, type Token, walkTokens } from 'marked';
import type { Heading, Link } from 'samples:markdown/tools@0.1.0';

import { frontMatter } from './front-matter.ts';

export function outline(markdown: string): Heading[] {
  const { skipped, body } = frontMatter(markdown);
  const headings: Heading[] = [];
  let line = 1 + lines(skipped);
  for (const token of lexer(body)) {
    if (token.type === 'heading') headings.push({ level: token.depth, text: plain(token.tokens ?? []), line });
    line += lines(token.raw);
  }
  return headings;
}

export function links(markdown: string): Link[] {
  const links: Link[] = [];
  walkTokens(lexer(frontMatter(markdown).body), (token) => {
    if (token.type !== 'link' && token.type !== 'image') return;
    links.push({ target: token.type, url: token.href, text: plain(token.tokens ?? [token]) });
  });
  return links;
}

/** The text of inline tokens, without their markup. */
function plain(tokens: Token[]): string {
  return tokens
    .map((token) => ('tokens' in token && token.tokens ? plain(token.tokens) : 'text' in token ? token.text : ''))
    .join('');
}

function lines(text: string): number {
  return text.split('\n').length - 1;
}
