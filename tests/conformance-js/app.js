// The asking tools of ../conformance/src/asking.rs in JavaScript. Code before a question runs again in the round that
// brings the answer.

import { all, form, roots, sample } from 'toolcell:plugin/ask@0.1.0';
import { canAsk } from 'toolcell:plugin/call@0.1.0';
import { get, set } from 'toolcell:plugin/memo@0.1.0';

export const tools = {
  about() {
    return 'A server for the MCP conformance suite, in JavaScript.';
  },

  testInputRequiredResultElicitation() {
    return greeting(form('user_name', 'What is your name?', [textField('name')]));
  },

  testInputRequiredResultSampling() {
    return said(sample('capital_question', sampling('What is the capital of France?', 100)));
  },

  testInputRequiredResultListRoots() {
    return listed(roots('client_roots'));
  },

  testInputRequiredResultRequestState() {
    get('state') ?? set('state', 'state-ok');
    form('confirm', 'Please confirm', [booleanField('ok')]);
    return get('state') ?? 'state-lost';
  },

  testInputRequiredResultMultipleInputs() {
    const name = { message: 'What is your name?', fields: [textField('name')] };
    const [named, greeted, placed] = all([
      ['user_name', { tag: 'form', val: name }],
      ['greeting', { tag: 'sample', val: sampling('Generate a greeting', 50) }],
      ['client_roots', { tag: 'roots' }],
    ]);
    return [greeting(named.val), said(greeted.val), listed(placed.val)].join('\n');
  },

  testInputRequiredResultMultiRound() {
    const name = form('step1', 'Step 1: What is your name?', [textField('name')]);
    const color = form('step2', 'Step 2: What is your favorite color?', [textField('color')]);
    return `${entered(name, 'name') ?? 'Somebody'} likes ${entered(color, 'color') ?? 'no color'}.`;
  },

  testInputRequiredResultTamperedState() {
    const answer = form('confirm', 'Please confirm', [booleanField('ok')]);
    return `The answer was ${answer.tag}.`;
  },

  testInputRequiredResultCapabilities() {
    const can = canAsk();
    if (can.sample) return said(sample('capital_question', sampling('What is the capital of France?', 100)));
    if (can.form) return greeting(form('user_name', 'What is your name?', [textField('name')]));
    return 'This client cannot be asked.';
  },
};

export const prompts = {
  testInputRequiredResultPrompt() {
    const answer = form('user_context', 'What context should the prompt use?', [textField('context')]);
    return { messages: [userMessage(`Use this context: ${entered(answer, 'context') ?? 'none'}`)] };
  },
};

function textField(name) {
  return { name, required: true, kind: { tag: 'text', val: {} } };
}

function booleanField(name) {
  return { name, required: true, kind: { tag: 'boolean', val: {} } };
}

function sampling(prompt, maxTokens) {
  return { messages: [userMessage(prompt)], maxTokens, stopSequences: [], modelHints: [] };
}

function userMessage(text) {
  return { role: 'user', content: { tag: 'text', val: { text } } };
}

/** Returns the text that was entered in a field; undefined without one. */
function entered(answer, field) {
  if (answer.tag !== 'accepted') return undefined;
  return answer.val.find(([name]) => name === field)?.[1].val;
}

function greeting(answer) {
  return `Hello, ${entered(answer, 'name') ?? 'whoever you are'}!`;
}

/** Returns the text of the model's answer. */
function said({ content }) {
  return content.filter(({ tag }) => tag === 'text').map(({ val }) => val.text).join('\n');
}

function listed(places) {
  return `Roots: ${places.map(({ uri }) => uri).join(', ')}`;
}
