// Makes each library ready for the story, by the name that ../libraries.json gives it.

import { caught, joined } from './story.mjs';

async function official({ Client, StreamableHTTPClientTransport }, url, options, call) {
  const client = new Client({ name: 'toolcell-tests', version: '1.0.0' }, options);
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  const called = (name, args, onprogress) =>
    caught(async () => {
      const result = await call(client, { name, arguments: args }, { onprogress });
      return { text: joined(result.content), failed: result.isError === true };
    });
  return {
    list: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: called,
    callUnknown: (name) => called(name, {}),
    progress: true,
    close: () => client.close(),
  };
}

/** The v1 line of the official SDK. */
export const sdk = (library, url) =>
  official(library, url, {}, (client, params, options) => client.callTool(params, undefined, options));

/** The v2 line of the official SDK. */
export const client = (library, url) =>
  official(library, url, { versionNegotiation: { mode: 'auto' } }, (client, params, options) => client.callTool(params, options));

/** The client of the AI SDK. */
export async function ai_mcp({ createMCPClient, experimental_createMCPClient }, url) {
  const client = await (createMCPClient ?? experimental_createMCPClient)({ transport: { type: 'http', url } });
  const tools = await client.tools();
  return {
    list: async () => Object.keys(tools),
    call: (name, args) =>
      caught(async () => {
        const result = await tools[name].execute(args, { toolCallId: '1', messages: [] });
        return { text: joined(result.content), failed: result.isError === true };
      }),
    close: () => client.close(),
  };
}

/** The client of OpenAI's agents SDK. It returns content alone, and so does not say whether a call failed. */
export async function agents({ MCPServerStreamableHttp }, url) {
  const server = new MCPServerStreamableHttp({ url });
  await server.connect();
  const call = (name, args) =>
    caught(async () => {
      const failed = name === 'test_error_handling' ? undefined : false;
      return { text: joined(await server.callTool(name, args)), failed };
    });
  return {
    list: async () => (await server.listTools()).map(({ name }) => name),
    call,
    callUnknown: (name) => call(name, {}),
    close: () => server.close(),
  };
}

/** LangChain's adapters. */
export async function langchain({ MultiServerMCPClient }, url) {
  const client = new MultiServerMCPClient({
    additionalToolNamePrefix: '',
    prefixToolNameWithServerName: false,
    mcpServers: { toolcell: { transport: 'http', url } },
  });
  const tools = new Map((await client.getTools()).map((tool) => [tool.name, tool]));
  return {
    list: async () => [...tools.keys()],
    call: (name, args) => caught(async () => ({ text: await tools.get(name).invoke(args), failed: false })),
    close: () => client.close(),
  };
}
