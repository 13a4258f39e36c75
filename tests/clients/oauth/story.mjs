// The story of a client that signs its user in: discovery, registration, PKCE, a call, a refresh, a step-up.
//
// A client is an object with `name`; `call(tool)`, which signs in if the server asks for it and returns the text of the
// result; `spoil()`, after which it has to refresh its token; and `stepsUp`, which tells whether it can ask its user for
// more scopes. What it really did is read from what the authorization server was asked.

import assert from 'node:assert/strict';

import { CALLBACK, DOCUMENT, REGISTERED, SCOPES } from './issuer.mjs';

/** The ways in which an authorization server comes to know a client. */
export const WAYS = ['registered beforehand', 'client metadata document', 'dynamic registration'];

/** The tools that are called, with arguments, results and scopes. */
export const TOOLS = {
  make_slug: { args: { text: 'A b', max_length: 80 }, text: 'a-b', scopes: ['text.read'] },
  change_case: { args: { text: 'A b', to: 'upper' }, text: 'A B', scopes: SCOPES },
};

/** Tells the story of one client: prints a line for each check, and throws at the first failure. */
export async function tell(client, { way, url, issuer, edge }) {
  for (const [name, check] of Object.entries({ ...CHECKS, ...(client.stepsUp ? STEP_UP : REFUSED) })) {
    const label = `${client.name}, ${way}, at ${edge}: ${name}`;
    issuer.asked.length = 0;
    try {
      await check(client, { way, url, issuer });
    } catch (failure) {
      console.log(`FAILED  ${label}`);
      console.error(issuer.asked);
      throw failure;
    }
    console.log(`ok      ${label}`);
  }
}

const CHECKS = {
  'signs in with PKCE for this resource, and calls': async (client, { way, url, issuer }) => {
    assert.equal(await client.call('make_slug'), TOOLS.make_slug.text);
    const registrations = posted(issuer, '/reg');
    assert.equal(registrations.length, way === 'dynamic registration' ? 1 : 0);
    const [question, ...others] = questions(issuer);
    assert.deepEqual(others, []);
    const id = { 'registered beforehand': REGISTERED.client_id, 'client metadata document': DOCUMENT }[way];
    if (id !== undefined) assert.equal(question.client_id, id);
    assert.deepEqual([question.resource, question.redirect_uri], [url, CALLBACK]);
    assert.deepEqual([question.code_challenge_method, question.code_challenge.length], ['S256', 43]);
    assert.ok(question.state.length >= 8);
    assert.deepEqual(scopes(question), ['text.read']);
    const [exchange] = posted(issuer, '/token');
    assert.deepEqual([exchange.grant_type, exchange.resource], ['authorization_code', url]);
    assert.ok(exchange.code_verifier.length >= 43);
  },
  'refreshes a token that is not accepted any more': async (client, { url, issuer }) => {
    await client.spoil();
    assert.equal(await client.call('make_slug'), TOOLS.make_slug.text);
    assert.deepEqual(questions(issuer), [], 'the user is not asked');
    assert.deepEqual(posted(issuer, '/token').map(({ grant_type, resource }) => [grant_type, resource]), [['refresh_token', url]]);
  },
};

/** The check of a client that reads the challenge of a 403. */
const STEP_UP = {
  'asks its user for the scopes that a call lacks': async (client, { issuer }) => {
    assert.equal(await client.call('change_case'), TOOLS.change_case.text);
    const [question] = questions(issuer);
    assert.deepEqual(scopes(question), SCOPES);
    assert.equal(await client.call('make_slug'), TOOLS.make_slug.text, 'what was granted before still counts');
  },
};

/** The check of a client that does not. */
const REFUSED = {
  'is refused a call that lacks scopes, and goes on': async (client, { issuer }) => {
    await assert.rejects(client.call('change_case'), /403|needs the scopes|without authorization code/);
    assert.deepEqual(questions(issuer), [], 'the user is not asked');
    assert.equal(await client.call('make_slug'), TOOLS.make_slug.text);
  },
};

/** The questions to the user: requests to the page that asks. Later ones of the same page have no challenge. */
function questions({ asked }) {
  return asked.filter(({ path, query }) => path === '/auth' && 'code_challenge' in query).map(({ query }) => query);
}

function posted({ asked }, path) {
  return asked.filter((request) => request.method === 'POST' && request.path === path && request.status < 400).map(({ form }) => form);
}

/** The scopes of a question that belong to tools, in order. */
function scopes({ scope }) {
  return scope.split(' ').filter((word) => SCOPES.includes(word)).sort();
}
