// Starts a server by a command, asks it as a client does, and reads its log.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import * as http from 'node:http';
import * as https from 'node:https';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** The longest time until a server listens, and until a line of its log is there, in milliseconds. */
const READY_MS = 120_000;
const LINE_MS = 10_000;

/** The longest time for an answer, in milliseconds. */
const ANSWER_MS = 30_000;

/** A request that every server answers to a caller whom it knows. */
const INITIALIZE = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'authorization', version: '1' } },
});

/** Starts a server for issuers: it gets PORT, RESOURCE, ISSUERS (JSON) and LOG in its environment. */
export async function startServer(command, { port, resource, issuers, log }) {
  const env = { ...process.env, PORT: String(port), RESOURCE: resource, ISSUERS: JSON.stringify(issuers), LOG: log };
  const child = spawn(command, { shell: true, detached: true, env, stdio: ['ignore', 'inherit', 'inherit'] });
  let ended;
  child.once('exit', (code) => (ended = code ?? 'a signal'));
  // Also if a case throws where nobody catches it.
  const kill = () => ended === undefined && process.kill(-child.pid);
  process.once('exit', kill);
  for (const end = Date.now() + READY_MS; !(await listens(port)); await sleep(20)) {
    if (ended !== undefined) throw new Error(`the server ended with ${ended}: ${command}`);
    if (Date.now() > end) throw new Error(`the server does not listen at port ${port}: ${command}`);
  }
  return async () => {
    if (ended !== undefined) throw new Error(`the server did not survive: it ended with ${ended}`);
    kill();
    process.off('exit', kill);
    if (ended === undefined) await once(child, 'exit');
  };
}

async function listens(port) {
  const socket = connect(port, '127.0.0.1');
  const answered = await Promise.race([once(socket, 'connect').then(() => true), once(socket, 'error').then(() => false)]).catch(() => false);
  socket.destroy();
  return answered;
}

/** Asks a server with these values of `Authorization`; returns status, challenge and body, or status 0 and the error. */
export async function ask(url, { headers, query }) {
  try {
    return await asked(url, { headers, query });
  } catch (error) {
    return { status: 0, challenge: '', body: '', error: error.code ?? error.message };
  }
}

async function asked(url, { headers, query }) {
  const target = new URL(url);
  if (query !== undefined) target.search = query;
  const own = ['host', target.host, 'content-type', 'application/json', 'accept', 'application/json, text/event-stream'];
  const length = ['content-length', String(Buffer.byteLength(INITIALIZE)), 'connection', 'close'];
  const values = headers.flatMap((value) => ['authorization', value]);
  const { request } = target.protocol === 'https:' ? https : http;
  const signal = AbortSignal.timeout(ANSWER_MS);
  const sent = request(target, { method: 'POST', agent: false, signal, headers: [...own, ...length, ...values] });
  // A server that refuses a long header may hang up before it has read all: its answer counts.
  sent.on('error', () => {});
  sent.end(INITIALIZE);
  const [response] = await once(sent, 'response');
  const chunks = [];
  for await (const chunk of response) chunks.push(chunk);
  const challenge = response.headers['www-authenticate'] ?? response.headers['x-amzn-remapped-www-authenticate'] ?? '';
  return { status: response.statusCode, challenge, body: Buffer.concat(chunks).toString() };
}

/** Reads the lines that a log gets. */
export class Log {
  #file;
  #at = 0;

  constructor(file) {
    this.#file = file;
  }

  /** Returns the lines since the last call, as soon as one of them has one of the texts of a refusal. */
  async refused(texts) {
    for (const end = Date.now() + LINE_MS; Date.now() < end; await sleep(2)) {
      const text = this.#text().slice(this.#at);
      const whole = text.slice(0, text.lastIndexOf('\n') + 1);
      if (!texts.some((each) => whole.includes(each))) continue;
      this.#at += whole.length;
      return whole;
    }
    return this.#text().slice(this.#at);
  }

  /** Overlooks the lines so far. */
  skip() {
    this.#at = this.#text().length;
  }

  #text() {
    return existsSync(this.#file) ? readFileSync(this.#file, 'latin1') : '';
  }
}
