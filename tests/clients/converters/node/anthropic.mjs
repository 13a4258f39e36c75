// Sends tools as the helpers for MCP in `@anthropic-ai/sdk` do it.

import Anthropic from '@anthropic-ai/sdk';
import { mcpTool } from '@anthropic-ai/sdk/helpers/beta/mcp';

import { connect, main, report } from './sending.mjs';

await main(async (url, names, provider) => {
  const mcp = await connect(url);
  const tools = new Map((await mcp.listTools()).tools.map((tool) => [tool.name, tool]));
  const client = new Anthropic({ apiKey: 'fake', baseURL: provider.url, maxRetries: 0 });
  const ask = (tool) =>
    client.beta.messages.toolRunner({
      model: 'claude-sonnet-4-5',
      max_tokens: 100,
      messages: [{ role: 'user', content: 'hello' }],
      tools: [mcpTool(tools.get(tool), mcp)],
    });
  await report('anthropic-js', names, provider, async (tool) => (await ask(tool)).stop_reason);
  await mcp.close();
});
