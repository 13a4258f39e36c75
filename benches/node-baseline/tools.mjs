// Defines the tools of plugins/text with the official TypeScript SDK, stateless: one handler from requests to
// responses, with schemas that are made once.

import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod/v4';
import { countText, makeSlug, sortLines } from './text.mjs';

const u32 = () => z.int().min(0).max(4294967295);

const COUNT_TEXT = {
  description: 'Counts the characters, words, lines and bytes of a text, and the time to read it.',
  inputSchema: z.strictObject({ text: z.string().describe('The text to measure.') }),
  outputSchema: z.strictObject({
    characters: u32().describe('Unicode scalar values, white space included.'),
    words: u32().describe('Runs of characters other than white space.'),
    lines: u32().describe('Lines; a newline at the end does not start another line.'),
    utf8_bytes: u32().describe('Bytes in UTF-8.'),
    reading_minutes: z.number().describe('Minutes that an adult needs to read it, at 238 words a minute.'),
  }),
};

const MAKE_SLUG = {
  description: `Turns a title into a slug for URLs and file names: lower-case ASCII letters and digits, joined by hyphens.

Accents of Latin letters are dropped (\`Crème Brûlée\` becomes \`creme-brulee\`). A slug is cut at the end of a word.`,
  inputSchema: z.strictObject({
    text: z.string().describe('The title or name to turn into a slug.'),
    max_length: u32().describe('The maximum number of characters in the slug.'),
  }),
};

const SORT_LINES = {
  description: 'Sorts the lines of a text.',
  inputSchema: z.strictObject({
    text: z.string().describe('The lines to sort.'),
    options: z
      .array(z.enum(['descending', 'ignore_case', 'unique', 'natural']))
      .describe("How to sort; by default, by the lines' characters."),
  }),
};

const text = (text) => ({ content: [{ type: 'text', text }] });

function server() {
  const server = new McpServer({ name: 'node-baseline', version: '0.1.0' });
  server.registerTool('count_text', COUNT_TEXT, async (args) => {
    const structuredContent = countText(args.text);
    return { ...text(JSON.stringify(structuredContent)), structuredContent };
  });
  server.registerTool('make_slug', MAKE_SLUG, async (args) => text(makeSlug(args.text, args.max_length)));
  server.registerTool('sort_lines', SORT_LINES, async (args) => text(sortLines(args.text, args.options)));
  return server;
}

// Handles a request of node:http.
export const handle = toNodeHandler(createMcpHandler(server));
