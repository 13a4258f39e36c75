// Makes the keys of the issuer, and of a stranger who would like to be it.
//
// `node key.mjs FILE` prints the key set of a private key, for a server that has its keys in a file.

import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

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

/**
 * Makes all keys by name, each with one of a stranger for the same algorithm, and the `kid` of both. `given` stands for
 * ES256.
 */
export function makeKeys(given) {
  const made = Object.entries(MAKE).map(([name, make]) => [name, { own: make().privateKey, other: make().privateKey, id: name }]);
  const keys = Object.fromEntries(made);
  if (given !== undefined) keys.ES256 = { ...keys.ES256, ...given };
  return keys;
}

/** Reads a private key for ES256, in PEM or as JWK; only the second may say its `kid`, which is else ES256. */
export function readKey(text) {
  const jwk = text.trimStart().startsWith('{') ? JSON.parse(text) : undefined;
  const own = createPrivateKey(jwk === undefined ? text : { key: jwk, format: 'jwk' });
  if (own.asymmetricKeyDetails?.namedCurve !== 'prime256v1') throw new Error('expected a private key of the curve P-256');
  return { own, id: jwk?.kid ?? 'ES256' };
}

/** Returns a key as a key set lists it. */
export function published(name, privateKey, id = name) {
  return { ...createPublicKey(privateKey).export({ format: 'jwk' }), kid: id, alg: algorithm(name), use: 'sig' };
}

/** The algorithm of a key. */
export function algorithm(name) {
  return name.split(' ')[0];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { own, id } = readKey(readFileSync(process.argv[2], 'utf8'));
  console.log(JSON.stringify({ keys: [published('ES256', own, id)] }, null, 1));
}
