// Stands in for a model provider: keeps the last request that a library sends, and answers that nothing is left to do.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const ANSWERS = JSON.parse(readFileSync(new URL('../answers.json', import.meta.url), 'utf8'));

async function read(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

/** Starts the provider on a free port. `take` returns the last request's body, once. */
export async function startProvider() {
  let last;
  const server = createServer(async (request, response) => {
    const path = request.url.split('?')[0];
    const ending = Object.keys(ANSWERS).find((ending) => path.endsWith(ending));
    last = await read(request);
    response.writeHead(ending ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(ending ? ANSWERS[ending] : { error: { message: `no answer for ${path}` } }));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    take: () => {
      const body = last;
      last = undefined;
      return body;
    },
    stop: () => server.close(),
  };
}
