// Lets the official clients go the whole way of authorization, at both edges: node run.mjs
//
// At `lambda`, the challenge has the name that AWS gives it. There, clients that read it run twice: as they are, and with
// a hook that gives it its name back.

import { tellCommand } from './command.mjs';
import { inspector } from './inspector.mjs';
import { startIssuer } from './issuer.mjs';
import { python } from './python.mjs';
import { startServer } from './server.mjs';
import { WAYS, tell } from './story.mjs';
import { typescript } from './typescript.mjs';

const EDGES = { serve: ['plain'], lambda: ['plain', 'named'] };

const issuer = await startIssuer();
for (const [edge, namings] of Object.entries(EDGES)) {
  const server = await startServer(edge, issuer);
  try {
    await tellCommand({ url: server.url, issuer, edge });
    for (const naming of namings) await everyWay({ edge, naming, issuer, url: server.url });
  } catch (failure) {
    console.error(server.log.join('').slice(-4000));
    throw failure;
  } finally {
    await server.stop();
  }
}
issuer.stop();

async function everyWay({ edge, naming, issuer, url }) {
  for (const way of WAYS) {
    const at = { way, url, issuer, edge: naming === 'named' ? `${edge}, with the challenge named again` : edge };
    const all = [...typescript(at, naming), python(at, naming)];
    // Nothing of ours runs in its process.
    if (naming === 'plain') all.push(await inspector(at));
    const clients = naming === 'named' ? all.filter(({ stepsUp }) => stepsUp) : all;
    const isBlind = edge === 'lambda' && naming === 'plain';
    try {
      for (const client of clients) await tell({ ...client, stepsUp: client.stepsUp && !isBlind }, at);
    } finally {
      for (const { close } of all) await close?.();
    }
  }
}
