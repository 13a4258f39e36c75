// Prompts of the conformance server, and completion of their arguments.

import assert from 'node:assert/strict';

import { INVALID_PARAMS, named, refused } from './results.mjs';

const WITH_ARGUMENTS = 'test_prompt_with_arguments';

/** Checks of `prompts/list`, `prompts/get` and `completion/complete`. */
export const prompts = {
  'lists prompts with their arguments': async (client) => {
    const list = await client.listPrompts();
    named(list, 'test_simple_prompt');
    const { arguments: parameters } = named(list, WITH_ARGUMENTS);
    assert.deepEqual(parameters.map(({ name, required }) => [name, required]), [['arg1', true], ['arg2', true]]);
  },

  'gets a prompt': async (client) => {
    const { messages } = await client.getPrompt('test_simple_prompt');
    assert.deepEqual(said(messages), ['user: This is a simple prompt for testing.']);
  },

  'gets a prompt with arguments': async (client) => {
    const { messages } = await client.getPrompt(WITH_ARGUMENTS, { arg1: 'one', arg2: 'zwölf' });
    assert.deepEqual(said(messages), ["user: Prompt with arguments: arg1='one', arg2='zwölf'"]);
  },

  'gets a prompt that holds a resource': async (client) => {
    const resourceUri = 'test://example-resource';
    const { messages } = await client.getPrompt('test_prompt_with_embedded_resource', { resourceUri });
    assert.deepEqual(messages.map(({ content }) => content.type), ['resource', 'text']);
    assert.equal(messages[0].content.resource.uri, resourceUri);
  },

  'gets a prompt that holds an image': async (client) => {
    const { messages } = await client.getPrompt('test_prompt_with_image');
    assert.deepEqual(messages.map(({ content }) => content.type), ['image', 'text']);
  },

  'gets a protocol error for an unknown prompt': async (client) => {
    await refused(client, client.getPrompt('no_such_prompt'), INVALID_PARAMS, /unknown prompt/);
  },

  'gets a protocol error for a prompt without its arguments': async (client) => {
    await refused(client, client.getPrompt(WITH_ARGUMENTS, { arg1: 'one' }), INVALID_PARAMS, /arg2/);
  },

  'completes an argument': async (client) => {
    const proposals = await client.complete(prompt(WITH_ARGUMENTS), { name: 'arg1', value: 'par' });
    assert.deepEqual(proposals.values, ['paris', 'park', 'party']);
    assert.equal(proposals.total, 3);
    const none = await client.complete(prompt(WITH_ARGUMENTS), { name: 'arg1', value: 'q' });
    assert.deepEqual(none.values, []);
  },

  // The plugin may have more prompts than it lists, so the server asks it.
  'is proposed nothing for an unknown prompt': async (client) => {
    const { values } = await client.complete(prompt('no_such_prompt'), { name: 'arg1', value: 'par' });
    assert.deepEqual(values, []);
  },

  'gets a protocol error for completing an unknown template': async (client) => {
    const template = { type: 'ref/resource', uri: 'other://{id}' };
    const request = client.complete(template, { name: 'id', value: '1' });
    await refused(client, request, INVALID_PARAMS, /unknown resource/);
  },
};

function prompt(name) {
  return { type: 'ref/prompt', name };
}

function said(messages) {
  return messages.map(({ role, content }) => `${role}: ${content.text}`);
}
