// Imports the newest version of each library. Scripts of ../node are outside of this folder and could not.

export const load = {
  sdk: async () => ({
    ...(await import('@modelcontextprotocol/sdk/client/index.js')),
    ...(await import('@modelcontextprotocol/sdk/client/streamableHttp.js')),
  }),
  client: () => import('@modelcontextprotocol/client'),
  ai_mcp: () => import('@ai-sdk/mcp'),
  agents: () => import('@openai/agents-core'),
  langchain: () => import('@langchain/mcp-adapters'),
};
