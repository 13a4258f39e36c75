// A client of MCP, of the newest revision: it sends what any client sends, to the same endpoint.

import { base64Of } from "./dom.js";
import { isNumber, parse, plain } from "./json.js";

const REVISION = "2026-07-28";
const META = "io.modelcontextprotocol/";
const CAPABILITIES = { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} };

let ids = 0;

/** A JSON-RPC error, or an answer of HTTP that is none. */
export class McpError extends Error {
  constructor(error) {
    super(error.message);
    this.error = error;
  }
}

/** A W3C trace context: the log of the server has it in the line of the call. */
export function trace() {
  const hex = (bytes) => [...crypto.getRandomValues(new Uint8Array(bytes))].map((one) => one.toString(16).padStart(2, "0")).join("");
  return `00-${hex(16)}-${hex(8)}-01`;
}

/** Sends a request and returns its result. `told` gets notifications; `headers` are those that repeat arguments. */
export async function request(method, params = {}, { told, signal, traceparent, headers = {} } = {}) {
  const number = ++ids;
  const meta = {
    [`${META}protocolVersion`]: REVISION,
    [`${META}clientInfo`]: { name: "toolcell-workbench", version: "1" },
    [`${META}clientCapabilities`]: CAPABILITIES,
  };
  if (told) Object.assign(meta, { progressToken: number, [`${META}logLevel`]: "debug" });
  if (traceparent) meta.traceparent = traceparent;
  const name = params.name ?? params.uri;
  const response = await fetch("/mcp", {
    method: "POST",
    signal,
    cache: "no-store",
    headers: {
      "content-type": "application/json",
      "accept": "application/json, text/event-stream",
      "mcp-protocol-version": REVISION,
      "mcp-method": method,
      ...(name === undefined ? {} : { "mcp-name": header(name) }),
      ...headers,
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: number, method, params: { ...params, _meta: meta } }),
  });
  const message = response.headers.get("content-type")?.startsWith("text/event-stream")
    ? await last(response.body, told) : await whole(response);
  if (message.error) throw new McpError(message.error);
  return message.result;
}

async function whole(response) {
  const text = await response.text();
  try {
    return parse(text);
  } catch {
    throw new McpError({ code: response.status, message: `HTTP ${response.status}: ${text.slice(0, 500)}` });
  }
}

async function last(body, told) {
  let answer;
  for await (const event of events(body)) {
    const message = parse(event.data);
    if (message.method) told?.(message);
    else answer = message;
  }
  if (!answer) throw new McpError({ code: 0, message: "the stream ended without an answer" });
  return answer;
}

/** The events of a stream. */
export async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const parts = (rest + value).split("\n\n");
    rest = parts.pop();
    for (const part of parts) {
      const event = {};
      for (const line of part.split("\n")) {
        const at = line.indexOf(":");
        if (at > 0) event[line.slice(0, at)] = line.slice(at + 1).trimStart();
      }
      if (event.data !== undefined) yield event;
    }
  }
}

/** All pages of a list. */
export async function all(method, member) {
  const items = [];
  let cursor;
  do {
    const page = await request(method, cursor === undefined ? {} : { cursor });
    items.push(...(page[member] ?? []));
    cursor = page.nextCursor;
  } while (cursor !== undefined && items.length < 10_000);
  return items;
}

/** The headers that repeat arguments, where a schema asks for them. */
export function mirrored(schema, values) {
  const headers = {};
  for (const [name, property] of Object.entries(schema?.properties ?? {})) {
    const value = values?.[name];
    const isScalar = typeof value === "string" || typeof value === "boolean" || isNumber(value);
    if (property?.["x-mcp-header"] && isScalar) headers[`mcp-param-${property["x-mcp-header"]}`] = header(plain(value));
  }
  return headers;
}

/** A text as the value of a header: encoded where it cannot stand there as it is. */
function header(text) {
  const isPlain = /^[ -~]*$/.test(text) && text.trim() === text && !text.startsWith("=?base64?");
  return isPlain ? text : `=?base64?${base64Of(new TextEncoder().encode(text))}?=`;
}
