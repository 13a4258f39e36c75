// Implements the part of a client that both lines of the official TypeScript SDK share.

/** Makes the part of a client for the stories that needs only the SDK's `Client`. */
export function sdkClient(client) {
  return {
    listTools: async () => (await client.listTools()).tools,
    listResources: async () => (await client.listResources()).resources,
    listTemplates: async () => (await client.listResourceTemplates()).resourceTemplates,
    readResource: async (uri) => (await client.readResource({ uri })).contents,
    listPrompts: async () => (await client.listPrompts()).prompts,
    getPrompt: (name, args) => client.getPrompt({ name, arguments: args }),
    complete: async (ref, argument) => (await client.complete({ ref, argument })).completion,
    refusal: ({ code, message }) => ({ code, message }),
  };
}

/** Returns the list of what the server says over a transport from now on: methods, and `answer` for each response. */
export function hearing(transport) {
  const heard = [];
  const pass = transport.onmessage;
  transport.onmessage = (message, ...more) => {
    heard.push(message.method ?? 'answer');
    pass?.(message, ...more);
  };
  return heard;
}
