// Serves the documents of issuers: metadata and keys, as a case has them.

import { once } from 'node:events';
import { createServer } from 'node:http';

import { changed, filled } from './forge.mjs';
import { PUBLISHED, published } from './key.mjs';

/** Where metadata of an issuer with a path may be, by the names that cases use. */
const PLACES = {
  oauth: (path) => `/.well-known/oauth-authorization-server${path}`,
  openid: (path) => `/.well-known/openid-configuration${path}`,
  'openid appended': (path) => `${path}/.well-known/openid-configuration`,
  root: () => '/.well-known/oauth-authorization-server',
};

/** Issuers at the paths of one port of this machine. */
export class Issuers {
  #documents = new Map();
  #server;

  constructor(keys) {
    this.keys = keys;
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  /** Listens at a port; 0 is one that is free. */
  async start(port) {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.origin = `http://localhost:${this.#server.address().port}`;
    this.#serve('/attacker/keys', { body: { keys: [published('attacker', this.keys.ES256.other)] } });
    return this;
  }

  stop() {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  /** Serves an issuer at a path as a case wants it, and returns its identifier. */
  add(path, { metadata = {}, keySet = {} } = {}) {
    const context = { issuer: this.origin + path, origin: this.origin, keys: this.keys };
    this.#serve(`${path}/keys`, { ...answer(keySet, context), body: keySetBody(keySet, context) });
    const own = { issuer: context.issuer, jwks_uri: `${context.issuer}/keys`, response_types_supported: ['code'] };
    const endpoints = { authorization_endpoint: `${context.issuer}/authorize`, token_endpoint: `${context.issuer}/token` };
    const body = metadata.text ?? changed({ ...own, ...endpoints }, metadata.change);
    for (const place of metadata.at ?? ['oauth']) {
      this.#serve(PLACES[place](path), { ...answer(metadata, context), body: filled(body, context) });
    }
    for (const [place, other] of Object.entries(metadata.others ?? {})) this.#serve(PLACES[place](path), { body: other });
    return context.issuer;
  }

  #serve(path, document) {
    this.#documents.set(path, document);
  }

  #answer({ url }, response) {
    const { status = 200, body, spaces = 0, location } = this.#documents.get(url.split('?')[0]) ?? { status: 404, body: '' };
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const headers = { 'content-type': 'application/json', ...(location === undefined ? {} : { location }) };
    response.writeHead(status, headers).end(' '.repeat(spaces) + text);
  }
}

function answer({ status, spaces, redirect }, context) {
  if (redirect !== undefined) return { status: 302, location: filled(redirect, context) };
  return { status, spaces };
}

function keySetBody({ keys, document, text }, context) {
  if (text !== undefined) return text;
  if (document !== undefined) return filled(document, context);
  const listed = keys ?? PUBLISHED.map((key) => ({ key }));
  return { keys: listed.flatMap((entry) => entries(entry, context)) };
}

/** Makes the keys of an entry in a case: a key of the issuer with changes, or anything else as it stands. */
function entries(entry, { keys, ...context }) {
  if (typeof entry !== 'object') return [entry];
  if (entry.set !== undefined) return [entry.set];
  const name = entry.key ?? 'ES256';
  const { own, id } = keys[name];
  const jwk = published(name, own, id);
  if (entry.private) jwk.d = own.export({ format: 'jwk' }).d;
  if (entry.padded) jwk.n = Buffer.concat([Buffer.of(0), Buffer.from(jwk.n, 'base64url')]).toString('base64url');
  if (entry.padding) jwk[entry.padding] += '=';
  const make = (index) => filled(changed(jwk, entry.change), { ...context, keys, index: String(index) });
  return Array.from({ length: entry.repeat ?? 1 }, (_, index) => make(index));
}
