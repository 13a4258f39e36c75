// Tools and prompts of the conformance server that ask in the middle of a call.

import assert from 'node:assert/strict';

import { LEGACY, named, refused, text, texts } from './results.mjs';

/** The error code for a missing capability of the client. */
const MISSING_CAPABILITY = -32021;

/** Checks of questions: of the answers if revision and client support them, else of the refusal. */
export function asking(client, revision) {
  if (revision === LEGACY) return unanswerable;
  return client.user === undefined ? unattended : answered;
}

const answered = {
  'answers a form': async (client) => {
    client.user.form = ({ message, requestedSchema }) => {
      assert.equal(message, 'What is your name?');
      assert.deepEqual(requestedSchema.required, ['name']);
      return accept({ name: 'Alice' });
    };
    assert.equal(text(await client.callTool('test_input_required_result_elicitation', {})), 'Hello, Alice!');
  },

  'declines a form': async (client) => {
    client.user.form = () => ({ action: 'decline' });
    assert.equal(text(await client.callTool('test_streaming_elicitation', {})), 'action=decline');
  },

  'cancels a form': async (client) => {
    client.user.form = () => ({ action: 'cancel' });
    assert.equal(text(await client.callTool('test_streaming_elicitation', {})), 'action=cancel');
  },

  'answers a form with a field of each kind': async (client) => {
    const values = { name: 'Zoë', age: 7, score: 0.5, status: 'pending', verified: false };
    client.user.form = ({ requestedSchema }) => {
      const defaults = Object.values(requestedSchema.properties).map((property) => property.default);
      assert.deepEqual(defaults, ['John Doe', 30, 95.5, 'active', true]);
      return accept(values);
    };
    const said = text(await client.callTool('test_elicitation_sep1034_defaults', {}));
    for (const [name, value] of Object.entries(values)) {
      assert.ok(said.includes(`${name}: ${value}`), said);
    }
  },

  'answers a form with choices': async (client) => {
    client.user.form = () => accept({ titledSingle: 'value2', untitledMulti: ['option1', 'option3'] });
    const said = text(await client.callTool('test_elicitation_sep1330_enums', {}));
    assert.match(said, /titledSingle: value2/);
    assert.match(said, /untitledMulti: option1 and option3/);
  },

  'answers one form after another': async (client) => {
    const answers = [accept({ name: 'Alice' }), accept({ color: 'green' })];
    client.user.form = () => answers.shift();
    assert.equal(text(await client.callTool('test_input_required_result_multi_round', {})), 'Alice likes green.');
  },

  'brings the state back': async (client) => {
    client.user.form = () => accept({ ok: true });
    assert.equal(text(await client.callTool('test_input_required_result_request_state', {})), 'state-ok');
  },

  'samples': async (client) => {
    const result = await client.callTool('test_sampling', { prompt: 'Why?' });
    assert.equal(text(result), 'LLM response: You asked: Why?');
  },

  'lists its roots': async (client) => {
    const result = await client.callTool('test_input_required_result_list_roots', {});
    assert.equal(text(result), 'Roots: file:///work');
  },

  'answers several questions at once': async (client) => {
    client.user.form = () => accept({ name: 'Alice' });
    const said = text(await client.callTool('test_input_required_result_multiple_inputs', {}));
    assert.equal(said, 'Hello, Alice!\nYou asked: Generate a greeting\nRoots: file:///work');
  },

  'answers a prompt that asks': async (client) => {
    client.user.form = () => accept({ context: 'rain' });
    const { messages } = await client.getPrompt('test_input_required_result_prompt');
    assert.equal(messages[0].content.text, 'Use this context: rain');
  },
};

const unanswerable = {
  'is told that a question takes a newer client, and hears nothing else': async (client) => {
    const tools = ['elicitation', 'sampling', 'list_roots', 'multi_round'].map(askingName);
    client.heard?.splice(0);
    for (const tool of tools) {
      const result = await client.callTool(tool, {});
      assert.equal(result.isError, true, tool);
      assert.match(texts(result)[0], /use a client of MCP revision 2026-07-28/);
    }
    // Each call brings its answer and nothing before it, so there is nothing that a server could wait for.
    if (client.heard !== undefined) assert.deepEqual(client.heard, tools.map(() => 'answer'));
    assert.deepEqual(client.user?.questions ?? [], []);
  },

  'calls a tool that asks only whom it can': async (client) => {
    assert.equal(text(await client.callTool('test_streaming_elicitation', {})), 'This client cannot be asked.');
  },

  'sees the tools that ask all the same': async (client) => {
    named(await client.listTools(), askingName('elicitation'));
  },
};

const unattended = {
  'lists its roots': answered['lists its roots'],

  'is refused what takes a user': async (client) => {
    for (const tool of ['elicitation', 'sampling', 'multi_round'].map(askingName)) {
      await refused(client, client.callTool(tool, {}), MISSING_CAPABILITY, /capability/);
    }
  },

  'calls a tool that asks only whom it can': unanswerable['calls a tool that asks only whom it can'],
};

function askingName(what) {
  return `test_input_required_result_${what}`;
}

function accept(content) {
  return { action: 'accept', content };
}
