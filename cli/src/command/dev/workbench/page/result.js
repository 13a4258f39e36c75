// Shows what came of a call: content, structured content, errors, notifications, phases, lines of the log.

import { bytesOf, el, long, save, visible } from "./dom.js";
import { plain, pretty } from "./json.js";

/** The phases of a call, in the order in which they happen. */
const PHASES = ["fetch", "verify", "load", "instantiate", "decode", "run", "encode"];

/** Shows the blocks of a result. */
export const content = (blocks) => el("div", { className: "content" }, (Array.isArray(blocks) ? blocks : []).map(block));

function block(one) {
  switch (one?.type) {
    case "text": return long(String(one.text));
    case "image": return picture(one);
    case "audio": return binary(one.data, one.mimeType, "audio");
    case "resource": return resource(one.resource ?? {});
    case "resource_link": return el("p", {}, "Resource ", el("code", {}, one.uri ?? ""), one.description ? `: ${one.description}` : "");
    default: return long(pretty(one));
  }
}

/** Shows a text or bytes of a resource. */
export function resource({ uri = "", mimeType = "", text, blob }) {
  return el("div", { className: "resource" }, el("p", { className: "quiet" }, el("code", {}, uri), " ", mimeType),
    text !== undefined ? long(String(text)) : binary(blob, mimeType, "resource"));
}

function binary(base64, type, name) {
  const bytes = bytesOf(base64 ?? "");
  return bytes ? el("p", {}, save(name, bytes, type || "bytes")) : el("p", { className: "complaint" }, `${name}: no standard base64`);
}

/** Draws a picture on a canvas: the page loads none, whatever a tool says. */
function picture({ data, mimeType }) {
  const bytes = bytesOf(data ?? "");
  if (!bytes) return binary(data, mimeType, "image");
  const canvas = el("canvas", { role: "img", "aria-label": `Picture, ${mimeType}`, hidden: true });
  createImageBitmap(new Blob([bytes], { type: mimeType })).then((bitmap) => {
    Object.assign(canvas, { width: bitmap.width, height: bitmap.height, hidden: false });
    canvas.getContext("2d").drawImage(bitmap, 0, 0);
  }, () => {});
  return el("div", {}, canvas, binary(data, mimeType, "image"));
}

/** Shows everything of a result but its question. */
export function result(value) {
  const parts = [];
  if (value.content) parts.push(content(value.content));
  if (value.structuredContent !== undefined) parts.push(el("h4", {}, "Structured content"), long(pretty(value.structuredContent)));
  for (const message of value.messages ?? []) parts.push(el("h4", {}, `${message.role}`), block(message.content));
  for (const one of value.contents ?? []) parts.push(resource(one));
  parts.push(el("details", {}, el("summary", {}, "The whole result"), long(pretty(value))));
  return parts;
}

/** Shows a JSON-RPC error. */
export const error = ({ code, message, data }) => [
  el("p", { className: "complaint" }, `Error ${plain(code)}: ${message}`),
  data === undefined ? null : el("details", {}, el("summary", {}, "Data"), long(pretty(data))),
];

/** Microseconds for people. */
export const time = (us) => (us < 1000 ? `${us} µs` : us < 1_000_000 ? `${(us / 1000).toFixed(1)} ms` : `${(us / 1_000_000).toFixed(2)} s`);

/** Shows the phases of a round, from the server's line about it. */
export function phases(line) {
  const cell = (name, value) => el("div", {}, el("dt", {}, name), el("dd", {}, value));
  const memory = line.peak_memory_bytes;
  return el("dl", { className: "phases", "aria-label": "Phases" },
    cell("outcome", String(line.outcome)), cell("total", time(line.total_us)),
    PHASES.filter((name) => line[`${name}_us`] > 0).map((name) => cell(name, time(line[`${name}_us`]))),
    memory === undefined ? null : cell("memory", `${(memory / 1024 / 1024).toFixed(1)} MiB`),
    line["faas.coldstart"] === true ? cell("start", "cold") : null,
    line.denied ? cell("denied", String(line.denied)) : null,
    line.http_requests ? cell("requests", `${line.http_requests} in ${time(line.http_us)}`) : null);
}

/** A line that a plugin has written or logged. */
export function logLine(level, text) {
  return el("li", { className: `log ${/err|crit|alert|emerg/i.test(level) ? "bad" : ""}` }, el("span", { className: "kind" }, level), ` ${visible(text)}`);
}
