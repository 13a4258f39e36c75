// Runs a command with the URL of a proxy that adds the token of TOOLCELL_TOKEN to each request, because the conformance
// suite cannot send one.
//
//   node with-token.mjs COMMAND... URL
//
// The proxy listens on PROXY_PORT, or on a free port without it.

import { spawn } from 'node:child_process';
import { createServer, request } from 'node:http';

function main([...command]) {
  const token = process.env.TOOLCELL_TOKEN;
  const target = new URL(command.pop() ?? '');
  if (token === undefined || command.length === 0) {
    console.error('usage: TOOLCELL_TOKEN=... node with-token.mjs COMMAND... URL');
    process.exit(2);
  }
  const proxy = createServer((incoming, outgoing) => {
    const { method, url: path } = incoming;
    // All other headers are passed on unchanged; Node takes the host only as a string.
    const headers = { ...incoming.headersDistinct, host: incoming.headers.host, authorization: `Bearer ${token}` };
    const { hostname, port } = target;
    const passed = request({ hostname, port, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode, answer.headersDistinct);
      answer.pipe(outgoing);
    });
    passed.on('error', () => outgoing.destroy());
    incoming.pipe(passed);
  });
  proxy.listen(Number(process.env.PROXY_PORT ?? 0), '127.0.0.1', () => {
    const url = `http://127.0.0.1:${proxy.address().port}${target.pathname}`;
    const child = spawn(command[0], [...command.slice(1), url], { stdio: 'inherit' });
    child.on('close', (code) => process.exit(code ?? 1));
    child.on('error', (error) => {
      console.error(`with-token: ${error.message}`);
      process.exit(2);
    });
  });
}

main(process.argv.slice(2));
