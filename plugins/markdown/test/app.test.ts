import assert from 'node:assert/strict';
import test from 'node:test';

import { tools } from '../src/app.ts';

test('Markdown becomes HTML', () => {
  assert.equal(tools.renderMarkdown('# A *b*'), '<h1>A <em>b</em></h1>\n');
  assert.match(tools.renderMarkdown('| a |\n|---|\n| b |'), /<table>/);
});

test('nothing that runs comes out of it', () => {
  for (const hostile of [
    '<script>alert(1)</script>',
    'a <img src=x onerror=alert(1)> b',
    '[a](javascript:alert(1))',
    '[a](JAVA&#10;SCRIPT:alert(1))',
    '[a](  &#1;javascript:alert(1))',
    '![a](data:text/html;base64,PHNjcmlwdD4=)',
    '<javascript:alert(1)>',
    '[a](vbscript:x "t")',
    '![a" onerror="alert(1)](b)',
    '[a](b "c\\" onclick=\\"alert(1)")',
    '```a" onclick="b\ncode\n```',
  ]) {
    const html = tools.renderMarkdown(hostile);
    assert.doesNotMatch(html, /<script|<[a-z]+( [a-z]+="[^"]*")* on\w+=|(href|src)="\s*(javascript|vbscript|data):/i, hostile);
  }
});

test('links that lead somewhere stay', () => {
  for (const url of ['https://a.example/b?c=d#e', '/a', 'a/b.md', '#c', 'mailto:a@b.example', '//a.example/b:c']) {
    assert.match(tools.renderMarkdown(`[a](${url})`), /<a href="/, url);
  }
});

test('HTML becomes Markdown', () => {
  const html = '<h2>A</h2><p>b <strong>c</strong> <a href="/d">e</a></p><script>f()</script><ul><li>g</li></ul>';
  assert.equal(tools.htmlToMarkdown(html), '## A\n\nb **c** [e](/d)\n\n* g');
});

test('an outline knows the lines, also after front matter', () => {
  assert.deepEqual(tools.outlineMarkdown('---\na: 1\n---\n# A `b`\n\ntext\n\nC\n---\n'), [
    { level: 1, text: 'A b', line: 4 },
    { level: 2, text: 'C', line: 8 },
  ]);
});

test('what looks like a heading in code is none', () => {
  assert.deepEqual(tools.outlineMarkdown('```\n# a\n```\n'), []);
});

test('links and images are listed in their order', () => {
  assert.deepEqual(tools.listLinks('![a](b.png) [c *d*][e]\n\n> <https://f.example>\n\n[e]: /g'), [
    { target: 'image', url: 'b.png', text: 'a' },
    { target: 'link', url: '/g', text: 'c d' },
    { target: 'link', url: 'https://f.example', text: 'https://f.example' },
  ]);
});

test('front matter is split off', () => {
  assert.deepEqual(tools.splitFrontMatter('---\ntitle: A\ntags: [b, c]\n---\n# A\n'), {
    data: '{"title":"A","tags":["b","c"]}',
    body: '# A\n',
  });
  assert.deepEqual(tools.splitFrontMatter('---\r\n---\r\na'), { data: '{}', body: 'a' });
});

test('a document without front matter is told apart from one with bad YAML', () => {
  for (const none of ['# A', '---\na: 1', 'a\n---\nb\n---\n']) {
    assert.throws(() => tools.splitFrontMatter(none), { tag: 'none' }, none);
  }
  for (const bad of ['---\na: [\n---\n', '---\n- a\n---\n', '---\ntext\n---\n']) {
    assert.throws(() => tools.splitFrontMatter(bad), { tag: 'bad-yaml' }, bad);
  }
});

test('aliases that multiply are refused', () => {
  const lines = ['a: &a [x, x, x, x, x, x, x, x, x]'];
  for (let at = 1; at < 12; at++) {
    const [name, last] = [String.fromCharCode(97 + at), String.fromCharCode(96 + at)];
    lines.push(`${name}: &${name} [*${last}, *${last}, *${last}, *${last}, *${last}, *${last}, *${last}, *${last}]`);
  }
  assert.throws(() => tools.splitFrontMatter(`---\n${lines.join('\n')}\n---\n`), { tag: 'bad-yaml' });
});
