// Markdown to HTML that is safe to show, whoever wrote it.

import { Marked } from 'marked';

/** Where links may lead; what has no scheme is relative. */
const SCHEMES = ['http', 'https', 'mailto'];

const marked = new Marked({
  gfm: true,
  renderer: {
    html: ({ text }) => escaped(text),

    link({ href, title, tokens }) {
      const text = this.parser.parseInline(tokens);
      return isSafe(href) ? `<a href="${escaped(href)}"${titled(title)}>${text}</a>` : text;
    },

    image({ href, title, text }) {
      return isSafe(href) ? `<img src="${escaped(href)}" alt="${escaped(text)}"${titled(title)}>` : escaped(text);
    },
  },
});

export function render(markdown: string): string {
  return marked.parse(markdown, { async: false });
}

/** Browsers skip spaces and control characters when they look for a scheme. */
function isSafe(url: string): boolean {
  const scheme = /^([^:/?#]*):/.exec(url.replace(/[\u0000-\u0020]/g, ''))?.[1];
  return scheme === undefined || SCHEMES.includes(scheme.toLowerCase());
}

function titled(title: string | null | undefined): string {
  return title ? ` title="${escaped(title)}"` : '';
}

function escaped(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replace(/[&<>"']/g, (character) => entities[character]!);
}
