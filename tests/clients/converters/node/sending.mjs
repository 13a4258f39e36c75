// Sends each tool of a server to a model provider, as a library does it, and prints what the provider was sent.
//
// A line for each tool and library: {"library", "tool", "sent"}, or {"library", "tool", "error"} if the library threw.

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

import { startProvider } from './provider.mjs';

/** Connects the official client, for libraries that are handed one. */
export async function connect(url) {
  const client = new Client({ name: 'toolcell-tests', version: '1.0.0' });
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  return client;
}

/** Lists the names of all tools. */
export async function toolNames(url) {
  const client = await connect(url);
  const { tools } = await client.listTools();
  await client.close();
  return tools.map(({ name }) => name);
}

function sentTools(body) {
  const tools = body.tools ?? [];
  return tools.flatMap((tool) => tool.functionDeclarations ?? tool.function_declarations ?? [tool.function ?? tool]);
}

/**
 * Prints what a library sends for each tool. `ask(tool)` must ask the model once, with this tool alone.
 */
export async function report(library, names, provider, ask) {
  for (const tool of names) {
    let line;
    try {
      await ask(tool);
      const sent = sentTools(provider.take() ?? {});
      line = sent.length === 1 ? { sent: sent[0] } : { error: `the library sent ${sent.length} tools` };
    } catch (error) {
      line = { error: String(error?.message ?? error) };
    }
    provider.take();
    console.log(JSON.stringify({ library, tool, ...line }));
  }
}

/** Runs a script for the URL of its command line, with a provider. */
export async function main(script) {
  const url = process.argv[2];
  if (!url) throw new Error('usage: node SCRIPT URL');
  const provider = await startProvider();
  await script(url, await toolNames(url), provider);
  provider.stop();
}
