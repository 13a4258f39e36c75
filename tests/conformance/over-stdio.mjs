// Runs a command with the URL of a bridge to `toolcell serve --stdio`, because the conformance suite speaks HTTP alone.
//
//   node over-stdio.mjs COMMAND... stdio:CONFIG
//
// The bridge passes messages on as they are. A client with a handshake has a process of its own, and each request of the
// newest revision a process that is idle. It adds what belongs to HTTP alone: the id of a session, and statuses. Exits with
// 1 if a server ended before its input did.

import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';

import { command } from '../clients/story/telling.mjs';

/** The errors of the newest revision that have a status of their own. */
const STATUSES = { '-32700': 400, '-32600': 400, '-32601': 404, '-32020': 400, '-32021': 400, '-32022': 400 };

/** The end of a server's log that is kept, in characters. */
const MAX_LOG = 4_000;

/** A running server. */
class Server {
  /** The listeners of requests that are not answered, by the JSON text of their ids. */
  running = new Map();

  hasEnded = false;

  constructor({ command, args, env }, ended) {
    this.child = spawn(command, args, { env: { ...process.env, ...env } });
    createInterface({ input: this.child.stdout }).on('line', (line) => this.hear(JSON.parse(line)));
    let log = '';
    this.child.stderr.setEncoding('utf8').on('data', (piece) => (log = (log + piece).slice(-MAX_LOG)));
    this.child.stdin.on('error', () => {}); // its end is told below
    this.child.on('close', () => {
      this.hasEnded = true;
      const error = { code: -32000, message: 'the server over stdio has ended' };
      for (const id of [...this.running.keys()]) this.hear({ jsonrpc: '2.0', id: JSON.parse(id), error });
      ended(log);
    });
  }

  send(message) {
    this.child.stdin.write(`${JSON.stringify(message)}\n`);
  }

  /** Sends a request; `listen` hears the notifications while it runs, and its response. */
  request(message, listen) {
    this.running.set(JSON.stringify(message.id), listen);
    this.send(message);
  }

  hear(message) {
    if (message.method !== undefined) return [...this.running.values()].at(-1)?.(message);
    const [id] = message.id === null ? this.running.keys() : [JSON.stringify(message.id)];
    const listen = this.running.get(id);
    this.running.delete(id);
    listen?.(message);
  }
}

/** Answers one POST with what a server says. */
function answer(server, message, { isModern, headers }, outgoing) {
  let isStream = false;
  const event = (said) => `event: message\ndata: ${JSON.stringify(said)}\n\n`;
  outgoing.on('close', () => {
    const id = JSON.stringify(message.id);
    if (!server.running.delete(id)) return;
    server.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: message.id } });
  });
  server.request(message, (said) => {
    const isLast = said.method === undefined;
    if (isLast && !isStream) {
      const status = (isModern && STATUSES[said.error?.code]) || 200;
      return outgoing.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(said));
    }
    if (!isStream) outgoing.writeHead(200, { 'content-type': 'text/event-stream', ...headers });
    isStream = true;
    outgoing.write(event(said));
    if (isLast) outgoing.end();
  });
}

function main([...line]) {
  const started = command(line.pop() ?? '');
  if (started === undefined || line.length === 0) {
    console.error('usage: node over-stdio.mjs COMMAND... stdio:CONFIG');
    process.exit(2);
  }
  const [sessions, idle] = [new Map(), []];
  const all = [];
  let exitCode;
  const start = () => {
    const server = new Server(started, (log) => {
      if (exitCode !== undefined) return;
      console.error(`over-stdio: a server has ended on its own; the end of its log:\n${log}`);
      exitCode = 1;
    });
    all.push(server);
    return server;
  };
  const take = (message, incoming, outgoing) => {
    const session = sessions.get(incoming.headers['mcp-session-id']);
    if (message.method === 'initialize' && message.params?._meta === undefined) {
      const id = `session-${sessions.size}`;
      sessions.set(id, start());
      return answer(sessions.get(id), message, { headers: { 'mcp-session-id': id } }, outgoing);
    }
    if (message.method === undefined || message.id === undefined) {
      session?.send(message);
      return outgoing.writeHead(202).end();
    }
    if (session !== undefined) return answer(session, message, {}, outgoing);
    const server = idle.pop() ?? start();
    outgoing.on('finish', () => server.hasEnded || idle.push(server));
    answer(server, message, { isModern: true }, outgoing);
  };
  const bridge = createServer((incoming, outgoing) => {
    if (incoming.method !== 'POST') return outgoing.writeHead(405, { allow: 'POST' }).end();
    let body = '';
    incoming.setEncoding('utf8').on('data', (piece) => (body += piece));
    incoming.on('end', () => take(JSON.parse(body), incoming, outgoing));
  });
  bridge.listen(0, '127.0.0.1', () => {
    const child = spawn(line[0], [...line.slice(1), `http://127.0.0.1:${bridge.address().port}/mcp`], { stdio: 'inherit' });
    child.on('close', (code) => {
      exitCode ??= code ?? 1;
      all.forEach((server) => server.child.stdin.end());
      process.exit(exitCode);
    });
    child.on('error', (error) => {
      console.error(`over-stdio: ${error.message}`);
      process.exit(2);
    });
  });
}

main(process.argv.slice(2));
