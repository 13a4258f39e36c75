// Makes the keys of the issuer, and of a stranger who would like to be it.

import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';

/** How a key of each name is made. The name is the one in the key set, too. */
const MAKE = {
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  'ES256 two': () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  PS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  EdDSA: () => generateKeyPairSync('ed25519'),
};

/** The names of the keys that the issuer publishes. */
export const PUBLISHED = ['ES256', 'RS256', 'PS256', 'EdDSA'];

/** Makes all keys by name, each with one of a stranger for the same algorithm. `given` stands for ES256. */
export function makeKeys(given) {
  const made = Object.entries(MAKE).map(([name, make]) => [name, { own: make().privateKey, other: make().privateKey }]);
  const keys = Object.fromEntries(made);
  if (given !== undefined) keys.ES256.own = given;
  return keys;
}

/** Reads a private key for ES256, in PEM or as JWK. */
export function readKey(text) {
  const key = createPrivateKey(text.trimStart().startsWith('{') ? { key: JSON.parse(text), format: 'jwk' } : text);
  if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') throw new Error('expected a private key of the curve P-256');
  return key;
}

/** Returns a key as a key set lists it. */
export function published(name, privateKey) {
  return { ...createPublicKey(privateKey).export({ format: 'jwk' }), kid: name, alg: algorithm(name), use: 'sig' };
}

/** The algorithm of a key. */
export function algorithm(name) {
  return name.split(' ')[0];
}
