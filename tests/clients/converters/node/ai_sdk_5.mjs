// Sends tools as the AI SDK 5 does it with its provider for Google, which rewrites schemas in a way that later ones gave up.

import { generateText } from 'ai-5';
import { createGoogleGenerativeAI } from 'ai-5-google';
import { experimental_createMCPClient } from 'ai-5-mcp';

import { main, report } from './sending.mjs';

await main(async (url, names, provider) => {
  const client = await experimental_createMCPClient({ transport: { type: 'http', url } });
  const tools = await client.tools();
  const model = createGoogleGenerativeAI({ apiKey: 'fake', baseURL: `${provider.url}/v1beta` })('gemini-2.5-flash');
  const ask = (tool) => generateText({ model, maxRetries: 0, tools: { [tool]: tools[tool] }, prompt: 'hello' });
  await report('ai-sdk-5-google', names, provider, ask);
  await client.close();
});
