// What only `toolcell dev` knows: what fails, what changes, the log; and cases, which it writes.

import { events } from "./mcp.js";
import { parse } from "./json.js";

const token = document.querySelector("meta[name=toolcell-token]").content;

/** Milliseconds until a stream that broke is opened again. */
const PAUSE = 1000;

async function post(path, body, signal) {
  const response = await fetch(`/dev/${path}`, {
    method: "POST",
    signal,
    cache: "no-store",
    headers: { "content-type": "application/json", "x-toolcell-token": token },
    body: JSON.stringify(body),
  });
  if (!response.ok) {
    const error = new Error((await response.text()).trim());
    error.status = response.status;
    throw error;
  }
  return response;
}

/** What is served and what fails. */
export const state = async () => parse(await (await post("state", {})).text());

/** Writes a golden case. */
export const writeCase = async (wanted) => parse(await (await post("cases", wanted)).text());

/**
 * Follows what happens, for ever. `handle` gets each event; `tell` gets "open", "broken" or "stale" (another server
 * is there). A hidden page does not listen: a browser opens few connections to one server.
 */
export async function follow(after, handle, tell) {
  for (;;) {
    if (document.hidden) await new Promise((shown) => document.addEventListener("visibilitychange", shown, { once: true }));
    const stop = new AbortController();
    const hide = () => document.hidden && stop.abort();
    document.addEventListener("visibilitychange", hide);
    try {
      const response = await post("events", { after }, stop.signal);
      tell("open");
      for await (const event of events(response.body)) {
        after = Number(event.id);
        handle(event.event, parse(event.data));
      }
      tell("broken");
    } catch (error) {
      if (error.status === 403) return tell("stale");
      if (!stop.signal.aborted) tell("broken");
    } finally {
      document.removeEventListener("visibilitychange", hide);
    }
    await new Promise((over) => setTimeout(over, PAUSE));
  }
}
