// Turns Markdown into HTML and back. The contract of every function is in wit/world.wit.

import { NodeHtmlMarkdown } from 'node-html-markdown';
import type { Tools } from 'samples:markdown/tools@0.1.0';

import { split } from './front-matter.ts';
import { links, outline } from './outline.ts';
import { render } from './render.ts';

export const tools: Tools = {
  renderMarkdown: render,
  htmlToMarkdown: (html) => NodeHtmlMarkdown.translate(html),
  outlineMarkdown: outline,
  listLinks: links,
  splitFrontMatter: split,
};
