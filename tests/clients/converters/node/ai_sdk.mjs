// Sends tools as the AI SDK does it, with three of its providers.

import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { createMCPClient } from '@ai-sdk/mcp';
import { createOpenAI } from '@ai-sdk/openai';
import { generateText } from 'ai';

import { main, report } from './sending.mjs';

await main(async (url, names, provider) => {
  const client = await createMCPClient({ transport: { type: 'http', url } });
  const tools = await client.tools();
  const models = {
    'ai-sdk-openai': createOpenAI({ apiKey: 'fake', baseURL: `${provider.url}/v1` })('gpt-4.1'),
    'ai-sdk-anthropic': createAnthropic({ apiKey: 'fake', baseURL: `${provider.url}/v1` })('claude-sonnet-4-5'),
    'ai-sdk-google': createGoogleGenerativeAI({ apiKey: 'fake', baseURL: `${provider.url}/v1beta` })('gemini-2.5-flash'),
  };
  for (const [library, model] of Object.entries(models)) {
    const ask = (tool) => generateText({ model, maxRetries: 0, tools: { [tool]: tools[tool] }, prompt: 'hello' });
    await report(library, names, provider, ask);
  }
  await client.close();
});
