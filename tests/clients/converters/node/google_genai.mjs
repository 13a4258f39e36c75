// Sends tools as `mcpToTool` of `@google/genai` does it.

import { GoogleGenAI, mcpToTool } from '@google/genai';

import { connect, main, report } from './sending.mjs';

/** Shows a client's list of tools with one tool in it. */
function only(client, tool) {
  return new Proxy(client, {
    get(target, key) {
      if (key !== 'listTools') return Reflect.get(target, key);
      return async (...args) => {
        const listed = await target.listTools(...args);
        return { ...listed, tools: listed.tools.filter(({ name }) => name === tool) };
      };
    },
  });
}

await main(async (url, names, provider) => {
  const mcp = await connect(url);
  const client = new GoogleGenAI({ apiKey: 'fake', httpOptions: { baseUrl: provider.url } });
  const ask = (tool) =>
    client.models.generateContent({
      model: 'gemini-2.5-flash',
      contents: 'hello',
      config: { tools: [mcpToTool(only(mcp, tool))] },
    });
  await report('google-genai-js', names, provider, ask);
  await mcp.close();
});
