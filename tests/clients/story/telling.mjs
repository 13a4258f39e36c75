// Telling a story to a server: each check prints a line, the first that fails ends it.
//
// A client is an object with `name`, the functions that the checks call and `refusal(error)`, which is what the server
// said in it. `user` answers for it where it can be asked, `notFound` is its code for a missing resource where that is
// not the server's, and `unable` names the checks that it has no means for.

import assert from 'node:assert/strict';

import { asking } from './asking.mjs';
import { prompts } from './prompts.mjs';
import { resources } from './resources.mjs';
import { samples } from './samples.mjs';
import { tools } from './tools.mjs';

/** The checks of each story, by the name of the server that it is told to. */
const STORIES = {
  samples: () => samples,
  conformance: (client, revision) => ({ ...tools, ...resources, ...prompts, ...asking(client, revision) }),
};

/** Tells a story; prints a line per check, throws at the first failure. */
export async function tell(story, client, { revision }) {
  const checks = STORIES[story](client, revision);
  const unable = client.unable ?? [];
  for (const name of unable) assert.ok(name in checks, `there is no check called "${name}"`);
  const guise = process.env.TOOLCELL_TOKEN === undefined ? '' : ', with a token';
  for (const [name, check] of Object.entries(checks)) {
    if (unable.includes(name)) continue;
    try {
      await check(client, { revision });
    } catch (failure) {
      console.log(`FAILED  ${client.name}${guise}: ${name}`);
      throw failure;
    }
    console.log(`ok      ${client.name}${guise}: ${name}`);
  }
}

/** The story and the URL of the server, from the command line. */
export function commandLine() {
  const [story, url] = process.argv.slice(2);
  if (!(story in STORIES) || url === undefined) {
    console.error(`usage: node ${process.argv[1]} ${Object.keys(STORIES).join('|')} URL`);
    process.exit(2);
  }
  return { story, url };
}

/** What a client sends with each request: the token of TOOLCELL_TOKEN, if there is one. */
export function headers() {
  const token = process.env.TOOLCELL_TOKEN;
  return token === undefined ? {} : { Authorization: `Bearer ${token}` };
}

/** What a client can be asked, for its `capabilities`. */
export const ASKABLE = { elicitation: { form: {} }, sampling: {}, roots: {} };

/**
 * Who answers what a server asks. `form(params)` is replaced by the checks that ask; `questions` holds the names of
 * all that was asked.
 */
export class User {
  questions = [];
  form = () => assert.fail('nobody was to be asked');

  /** Answers a question as `method` asks it. */
  answer(method, params) {
    this.questions.push(method);
    switch (method) {
      case 'elicitation/create':
        return this.form(params);
      case 'sampling/createMessage':
        return { model: 'tests', role: 'assistant', content: { type: 'text', text: echo(params) } };
      case 'roots/list':
        return { roots: [{ uri: 'file:///work', name: 'work' }] };
    }
  }
}

/** What a model says that repeats what it was asked. */
function echo({ messages }) {
  const [content] = [messages.at(-1).content].flat();
  return `You asked: ${content.text}`;
}
