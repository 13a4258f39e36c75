// Sends tools as `@openai/agents` does it, converted to strict schemas.

import { Agent, MCPServerStreamableHttp, OpenAIResponsesModel, Runner, setTracingDisabled } from '@openai/agents';
import OpenAI from 'openai';

import { main, report } from './sending.mjs';

setTracingDisabled(true);

await main(async (url, names, provider) => {
  const client = new OpenAI({ apiKey: 'fake', baseURL: `${provider.url}/v1`, maxRetries: 0 });
  let current;
  const server = new MCPServerStreamableHttp({
    url,
    cacheToolsList: true,
    toolFilter: async (_context, tool) => tool.name === current,
  });
  await server.connect();
  const ask = async (tool) => {
    current = tool;
    await server.invalidateToolsCache();
    const agent = new Agent({
      name: 'tests',
      model: new OpenAIResponsesModel(client, 'gpt-4.1'),
      mcpServers: [server],
      mcpConfig: { convertSchemasToStrict: true },
    });
    await new Runner({ tracingDisabled: true }).run(agent, 'hello');
  };
  await report('openai-agents-js', names, provider, ask);
  await server.close();
});
