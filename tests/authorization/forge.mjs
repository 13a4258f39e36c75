// Makes the token of a case, and whatever else is sent in its place.

import { constants, createHmac, createPublicKey, sign } from 'node:crypto';

import { algorithm, published } from './key.mjs';

/** Returns the text that a case sends as its token. `context` has `keys`, `issuer`, `resource`, `origin` and `now`. */
export function forge(test, context) {
  const { header, claims, signature } = parts(test, context);
  const token = `${header}.${claims}.${signature}`;
  return fill(test.text ?? '{token}', { token, header, claims, signature });
}

/** Puts values into the places of a text. */
export function fill(text, values) {
  return text.replace(/\{([^{}]+)\}/g, (place, name) => values[name] ?? place);
}

/** Changes members of an object: null removes one, "{null}" is null. */
export function changed(object, changes = {}) {
  const members = Object.entries({ ...object, ...changes }).filter(([, value]) => value !== null);
  return Object.fromEntries(members.map(([name, value]) => [name, value === '{null}' ? null : value]));
}

/** Replaces the places in all texts of a value: the time, addresses, long texts, bytes. */
export function filled(value, context) {
  if (Array.isArray(value)) return value.map((item) => filled(item, context));
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, filled(item, context)]));
  }
  return typeof value === 'string' ? ofText(value, context) : value;
}

function ofText(text, { issuer, resource, origin, now, keys, index }) {
  const time = /^\{now([+-]\d+)?\}$/.exec(text);
  if (time !== null) return now + Number(time[1] ?? 0);
  const [, kind, what, count] = /^\{(repeat|bytes|jwk):([^:}]+):?(\d*)\}$/.exec(text) ?? [];
  if (kind === 'repeat') return what.repeat(Number(count));
  if (kind === 'bytes') return Buffer.alloc(Number(what), 0xff).toString('base64url');
  if (kind === 'jwk') return published('ES256', keys.ES256[what], keys.ES256.id);
  if (text === '{jwk}') return published('ES256', keys.ES256.own, keys.ES256.id);
  if (text === '{null}') return text;
  const upper = issuer?.replace(/(?<=:\/\/)[^/]+/, (host) => host.toUpperCase());
  const { origin: ofResource } = new URL(resource ?? 'http://x');
  return fill(text, { issuer, resource, origin, index, ISSUER: upper, 'origin of resource': ofResource });
}

function parts(test, context) {
  const name = test.key ?? 'ES256';
  const kid = context.keys[name].id;
  const own = { typ: 'at+jwt', alg: algorithm(name), kid };
  const header = JSON.stringify(filled(changed(own, test.header), context));
  const members = filled(changed(usual(context), test.claims), context);
  const claims = claimsText(test, members, context);
  const encoded = { header: base64(fill(test.headerText ?? nulls(header), { kid })), claims: base64(claims) };
  return { ...encoded, signature: signature(test, name, encoded, context).toString('base64url') };
}

/** The claims of a valid token. */
function usual({ issuer, resource, now }) {
  const times = { iat: now, exp: now + 600 };
  return { iss: issuer, aud: resource, sub: 'alice', client_id: 'client', jti: '1', ...times, scope: 'files' };
}

function claimsText(test, members, context) {
  const inner = (object) => nulls(JSON.stringify(object)).slice(1, -1);
  if (test.claimsText === undefined) return `{${inner(members)}}`;
  const { exp, ...others } = members;
  return fill(test.claimsText, { members: inner(members), 'members without exp': inner(others), issuer: context.issuer });
}

/** A text of JSON with null where a case wants it: JSON of a case says null for "removed". */
function nulls(json) {
  return json.replaceAll('"{null}"', 'null');
}

function signature({ sign: way = 'own key', header = {} }, name, encoded, { keys }) {
  const message = Buffer.from(`${encoded.header}.${encoded.claims}`);
  const { own, other } = keys[name];
  const good = () => signed(algorithm(name), message, own);
  const secret = (text) => createHmac(`sha${header.alg.slice(2)}`, text).update(message).digest();
  const pem = () => createPublicKey(own).export({ type: 'spki', format: 'pem' });
  switch (way) {
    case 'own key':
      return good();
    case 'other':
      return signed(algorithm(name), message, other);
    case 'nothing':
      return Buffer.alloc(0);
    case 'zeros':
      return Buffer.alloc(64);
    case 'changed':
      return Buffer.from(good().map((byte, at) => (at === 0 ? byte ^ 1 : byte)));
    case 'shorter':
      return good().subarray(0, -1);
    case 'longer':
      return Buffer.concat([good(), Buffer.of(0)]);
    case 'der':
      return sign('sha256', message, own);
    case 'other claims':
      return signed(algorithm(name), Buffer.from(`${encoded.header}.${base64('{}')}`), own);
    case 'claims alone':
      return signed(algorithm(name), Buffer.from(encoded.claims), own);
    case 'hmac pem':
      return secret(pem());
    case 'hmac jwk':
      return secret(JSON.stringify(published(name, own, keys[name].id)));
    case 'hmac empty':
      return secret('');
    default:
      if (!way.startsWith('as ')) throw new Error(`no way to sign is called "${way}"`);
      return signed(way.slice(3), message, own);
  }
}

/** Signs as an algorithm of JWS says. */
function signed(name, message, key) {
  const hash = `sha${name.slice(2)}`;
  switch (name.slice(0, 2)) {
    case 'ES':
      return sign(hash, message, { key, dsaEncoding: 'ieee-p1363' });
    case 'RS':
      return sign(hash, message, { key, padding: constants.RSA_PKCS1_PADDING });
    case 'PS':
      return sign(hash, message, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST });
    default:
      return sign(null, message, key);
  }
}

function base64(text) {
  return Buffer.from(text).toString('base64url');
}
