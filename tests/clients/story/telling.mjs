// Runs a story, which is a list of checks, against a server: each check prints a line, and the first that fails ends it.
//
// A client is an object with `name`, the functions that the checks call, and `refusal(error)`, which returns the
// server's refusal. `user` answers questions if the client supports them, `notFound` is the client's code for a missing
// resource if it differs from the server's, and `unable` names the checks that the client has no means for.
// `losesReports` is true if it may drop progress that it reads together with the response. `heard` holds what came from the
// server, in order, if the client can tell: the method of a request or notification, or `answer`.

import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';

import { asking } from './asking.mjs';
import { prompts } from './prompts.mjs';
import { quiet } from './quiet.mjs';
import { resources } from './resources.mjs';
import { samples } from './samples.mjs';
import { tools } from './tools.mjs';

/** The checks of each story, by its name. */
const STORIES = {
  samples: () => samples,
  quiet: () => quiet,
  conformance: (client, revision) => ({ ...tools, ...resources, ...prompts, ...asking(client, revision) }),
};

/** Begins in place of a URL the configuration that the client serves itself, over the pipes of the command. */
const STDIO = 'stdio:';

/** The longest time for a response, in milliseconds: longer than any call of a story. */
export const TIMEOUT_MS = 120_000;

/** Runs a story: prints a line for each check, and throws at the first failure. */
export async function tell(story, client, { revision }) {
  const checks = STORIES[story](client, revision);
  const unable = client.unable ?? [];
  for (const name of unable) assert.ok(name in checks, `there is no check called "${name}"`);
  const pipes = command(commandLine().url) === undefined ? '' : ', over stdio';
  const guise = `${pipes}${process.env.TOOLCELL_TOKEN === undefined ? '' : ', with a token'}`;
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

/** Reads the story, and the URL of the server or `stdio:CONFIG`, from the command line. */
export function commandLine() {
  const [story, url] = process.argv.slice(2);
  if (!(story in STORIES) || url === undefined) {
    console.error(`usage: node ${process.argv[1]} ${Object.keys(STORIES).join('|')} URL`);
    process.exit(2);
  }
  return { story, url };
}

/** Returns the command that a client starts in place of connecting to a URL; undefined for a URL. */
export function command(url) {
  if (!url.startsWith(STDIO)) return undefined;
  const { TOOLCELL, TOOLCELL_TOKEN } = process.env;
  return {
    command: TOOLCELL ?? fileURLToPath(new URL('../../../target/debug/toolcell', import.meta.url)),
    args: ['serve', '--stdio', '--config', url.slice(STDIO.length)],
    env: TOOLCELL_TOKEN === undefined ? {} : { TOOLCELL_TOKEN },
  };
}

/** Returns the headers of each request: the token of TOOLCELL_TOKEN, if it is set. */
export function headers() {
  const token = process.env.TOOLCELL_TOKEN;
  return token === undefined ? {} : { Authorization: `Bearer ${token}` };
}

/** The questions that a client supports, for its `capabilities`. */
export const ASKABLE = { elicitation: { form: {} }, sampling: {}, roots: {} };

/** A user who answers a server's questions. The checks replace `form(params)`; `questions` holds all questions. */
export class User {
  questions = [];
  form = () => assert.fail('the user must not be asked');

  /** Answers a question of `method`. */
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

/** Answers as a model that repeats its prompt. */
function echo({ messages }) {
  const [content] = [messages.at(-1).content].flat();
  return `You asked: ${content.text}`;
}
