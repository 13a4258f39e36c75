// The page: lists on the left, the chosen item and its calls in the middle, what happens on the right.

import { announce, el, id, long, visible } from "./dom.js";
import { form, Invalid } from "./form.js";
import { parse, pretty } from "./json.js";
import { all, McpError, mirrored, request, trace } from "./mcp.js";
import { ask } from "./question.js";
import * as show from "./result.js";
import * as server from "./server.js";

/** Calls and lines that are kept on the page. */
const CALLS = 30;
const LINES = 200;

const at = (name) => document.getElementById(name);
const KINDS = [
  { kind: "tool", title: "Tools", list: "tools/list", member: "tools", key: "name", capability: "tools" },
  { kind: "prompt", title: "Prompts", list: "prompts/list", member: "prompts", key: "name", capability: "prompts" },
  { kind: "resource", title: "Resources", list: "resources/list", member: "resources", key: "uri", capability: "resources" },
  { kind: "template", title: "Resource templates", list: "resources/templates/list", member: "resourceTemplates", key: "uriTemplate", capability: "resources" },
];

let capabilities = {};
let lists = new Map();
let plugins = [];
let contract;
let chosen;
const calls = [];

async function reload() {
  const { serverInfo, capabilities: offered = {} } = await request("server/discover").then((found) =>
    ({ ...found, serverInfo: found.serverInfo ?? found._meta?.["io.modelcontextprotocol/serverInfo"] }));
  capabilities = offered;
  at("server").textContent = visible(serverInfo?.title ?? serverInfo?.name ?? "toolcell dev");
  document.title = `${at("server").textContent.slice(0, 80)} - toolcell dev`;
  const found = await Promise.all(KINDS.map(({ list, member, capability }) => (capability in capabilities ? all(list, member) : [])));
  lists = new Map(KINDS.map(({ kind }, index) => [kind, found[index]]));
  const state = await server.state();
  ({ plugins, contract } = state);
  showLists();
  showFailures(state.failures);
  showContract();
  refresh();
  return state.last;
}

function showLists() {
  const focused = document.activeElement?.closest("#lists button")?.key;
  const wanted = at("filter").value.trim().toLowerCase();
  const fits = (item, key) => `${item[key]} ${item.title ?? ""}`.toLowerCase().includes(wanted);
  at("lists").replaceChildren(...KINDS.flatMap(({ kind, title, key }) => {
    const items = (lists.get(kind) ?? []).filter((item) => fits(item, key));
    if (items.length === 0) return [];
    const heading = id();
    return [el("h2", { id: heading }, title, el("span", { className: "kind" }, ` ${items.length}`)),
      el("ul", { "aria-labelledby": heading }, items.map((item) => el("li", {}, el("button", {
        type: "button", title: visible(item.title ?? item.name ?? ""), key: `${kind}/${item[key]}`,
        click: () => choose(kind, item[key]),
      }, item[key]))))];
  }));
  mark();
  buttons().find((button) => button.key === focused)?.focus();
}

const buttons = () => [...document.querySelectorAll("#lists button")];

/** Marks the chosen item in the lists. */
function mark() {
  for (const button of buttons()) {
    const isChosen = chosen !== undefined && button.key === `${chosen.kind}/${chosen.name}`;
    button.setAttribute("aria-current", isChosen);
    if (isChosen) button.scrollIntoView({ block: "nearest" });
  }
}

let failing = "";

function showFailures(failures) {
  // The same again is not said again to those who listen.
  if (failing === JSON.stringify(failures)) return;
  failing = JSON.stringify(failures);
  at("failures").replaceChildren(...failures.map(({ name, text, served }) =>
    el("div", { className: "failure" }, el("h2", {}, `${name}: `, served), el("pre", { tabIndex: 0 }, text))));
}

function showContract() {
  const { against, changes, added, waiting } = contract;
  const names = (title, all) => (all.length ? el("p", { className: "quiet" }, title, all.flatMap((name, index) => [index ? ", " : "", el("code", {}, name)])) : null);
  at("contract").replaceChildren(...[
    el("p", { className: "quiet" }, `Compared with ${against}.`),
    changes.length === 0 ? el("p", {}, "Nothing breaks clients.")
      : el("ul", {}, changes.map(({ impact, subject, path, text, before, after }) => el("li", { className: impact === "breaks" ? "bad" : "warn" },
        el("strong", {}, impact), ": ", el("code", {}, subject, path ? ` ${path}` : ""), ` ${text}`,
        el("dl", { className: "quiet" }, el("dt", {}, "before"), el("dd", {}, el("code", {}, before)), el("dt", {}, "now"), el("dd", {}, el("code", {}, after)))))),
    names("New: ", added),
    names("Not compared, because not served yet: ", waiting),
  ].filter(Boolean));
}

function build({ plugin, text, tone }) {
  const now = new Date().toLocaleTimeString("en-GB");
  at("activity").prepend(el("li", { className: tone }, el("time", {}, now), " ", el("strong", {}, plugin), `: ${text}`));
  while (at("activity").children.length > LINES) at("activity").lastChild.remove();
}

function choose(kind, name, args) {
  const item = lists.get(kind)?.find((one) => one[KINDS.find((other) => other.kind === kind).key] === name);
  if (!item) return;
  chosen = { kind, name, item, text: JSON.stringify(item) };
  history.replaceState(null, "", `#${kind}/${encodeURIComponent(name)}`);
  mark();
  showItem(args);
}

/** Shows the chosen item as it is now; what was filled in stays where it fits. */
function refresh() {
  if (!chosen) {
    const [, kind, name] = /^#(\w+)\/(.*)$/.exec(location.hash) ?? [];
    if (kind) try { choose(kind, decodeURIComponent(name)); } catch { /* no name */ }
    return;
  }
  const key = KINDS.find(({ kind }) => kind === chosen.kind).key;
  const item = lists.get(chosen.kind).find((one) => one[key] === chosen.name);
  if (!item) {
    at("item").replaceChildren(el("p", { className: "complaint" }, `${chosen.name} is no longer served.`));
    announce(`${chosen.name} is no longer served`);
    chosen.text = "";
  } else if (JSON.stringify(item) !== chosen.text) {
    choose(chosen.kind, chosen.name, chosen.values?.());
    announce(`${chosen.name} has changed`);
  }
}

/** What is filled in for an item: its schema, as a tool's. */
function schemaOf({ kind, item }) {
  if (kind === "tool") return item.inputSchema;
  const named = (name, description, isRequired) => ({ name, description, isRequired });
  const fields = kind === "prompt" ? (item.arguments ?? []).map((one) => named(one.name, one.description, one.required === true))
    : kind === "template" ? [...item.uriTemplate.matchAll(/\{[+#./;?&]?([^}]+)\}/g)].flatMap(([, names]) =>
      names.split(",").map((name) => named(name.replace(/[*:].*$/, ""), undefined, true))) : [];
  return {
    type: "object",
    properties: Object.fromEntries(fields.map(({ name, description }) => [name, { type: "string", description }])),
    required: fields.filter(({ isRequired }) => isRequired).map(({ name }) => name),
  };
}

/** The URI of a template with its variables. */
function expand(template, values) {
  return template.replace(/\{([+#./;?&]?)([^}]+)\}/g, (_, operator, names) => {
    const name = (one) => one.replace(/[*:].*$/, "");
    const encode = (text) => (operator === "+" || operator === "#" ? encodeURI(text) : encodeURIComponent(text));
    const parts = names.split(",").map(name).filter((one) => values[one] !== undefined);
    const isQuery = operator === "?" || operator === "&" || operator === ";";
    const written = parts.map((one) => (isQuery ? `${one}=${encode(values[one])}` : encode(values[one])));
    const joint = { "": ",", "+": ",", "#": ",", "?": "&" }[operator] ?? operator;
    return written.length ? (operator === "+" ? "" : operator) + written.join(joint) : "";
  });
}

function showItem(args) {
  const { kind, name, item } = chosen;
  const schema = schemaOf(chosen);
  let fields = form(schema, args);
  const code = el("textarea", { id: id(), rows: 8, spellcheck: false, className: "code", hidden: true });
  const place = el("div", {}, fields.element, code);
  const asJson = el("input", { type: "checkbox", id: id(), change: () => swap() });
  const complaint = el("p", { className: "complaint", role: "alert", hidden: true });
  const complain = (text) => { complaint.hidden = text === ""; complaint.textContent = visible(text); };
  const values = () => (asJson.checked ? parse(code.value) : fields.read());
  const quiet = () => { try { return values(); } catch { return undefined; } };
  const swap = () => {
    complain("");
    if (asJson.checked) {
      let filled = {};
      try { filled = fields.read(); } catch { /* the text starts empty */ }
      fields.clear();
      code.value = pretty(filled);
    } else {
      try {
        fields = form(schema, parse(code.value));
      } catch (error) {
        asJson.checked = true;
        return complain(`expected JSON: ${error.message}`);
      }
    }
    place.replaceChildren(fields.element, code);
    fields.element.hidden = asJson.checked;
    code.hidden = !asJson.checked;
  };
  const verb = { tool: "Call", prompt: "Get" }[kind] ?? "Read";
  const submit = (event) => {
    event.preventDefault();
    complain("");
    fields.clear();
    try {
      start(values(), (text) => { if (!asJson.checked) fields.show(text); });
    } catch (problem) {
      if (!(problem instanceof Invalid || problem instanceof SyntaxError)) throw problem;
      complain(problem.message);
      problem.field?.focus();
    }
  };
  chosen.values = quiet;
  code.setAttribute("aria-label", "Arguments as JSON");
  const hints = Object.entries(item.annotations ?? {}).filter(([, value]) => typeof value === "boolean").map(([hint, value]) => `${hint}: ${value}`);
  at("item").replaceChildren(...[
    el("h2", {}, name, item.title && item.title !== name ? el("span", { className: "kind" }, ` ${item.title}`) : null),
    item.description ? el("div", { className: "description" }, item.description.length > 2000 ? long(item.description) : el("p", {}, item.description)) : null,
    hints.length ? el("p", { className: "quiet" }, hints.join(", ")) : null,
    el("form", { noValidate: true, submit, "aria-label": `Arguments of ${name}` }, place, complaint,
      el("div", { className: "buttons" }, el("button", { className: "primary" }, verb),
        fields.isEmpty ? null : el("label", { className: "flag" }, asJson, "As JSON"))),
    kind === "tool" ? el("details", {}, el("summary", {}, "Schemas"), el("h3", {}, "Input"), long(pretty(item.inputSchema ?? {})),
      item.outputSchema ? [el("h3", {}, "Output"), long(pretty(item.outputSchema))] : null) : null,
  ].filter(Boolean));
}

/** Makes the request of the chosen item. */
function start(values, blame) {
  const { kind, name, item } = chosen;
  const uri = kind === "template" ? expand(name, values) : name;
  const [method, params] = {
    tool: () => ["tools/call", { name, arguments: values }],
    prompt: () => ["prompts/get", { name, arguments: values }],
  }[kind]?.() ?? ["resources/read", { uri }];
  const headers = kind === "tool" ? mirrored(item.inputSchema, values) : {};
  run(new Call(kind, kind === "template" ? uri : name, method, params, headers), blame);
}

/** A call with all of its rounds, and its place on the page. */
class Call {
  traces = new Set();
  requests = new Set();
  answers = {};
  stop = new AbortController();

  constructor(kind, name, method, params, headers) {
    Object.assign(this, { kind, name, method, params, headers });
    this.outcome = el("span", { className: "outcome", "aria-live": "polite" }, "running");
    this.body = el("div", {});
    this.progress = el("p", { className: "quiet", hidden: true });
    this.notes = el("ol", { className: "notes", "aria-label": "Messages" });
    this.rounds = el("div", {});
    this.lines = el("ol", { className: "notes", "aria-label": "Log of the server" });
    this.cancel = el("button", { type: "button", click: () => this.stop.abort() }, "Cancel");
    this.tools = el("div", { className: "buttons" }, this.cancel);
    this.element = el("article", { className: "call", "aria-label": `${method} ${name}` },
      el("h3", {}, el("code", {}, name), " ", this.outcome, el("time", {}, ` ${new Date().toLocaleTimeString("en-GB")}`)),
      el("details", {}, el("summary", {}, "Arguments"), long(pretty(params.arguments ?? params))),
      this.progress, this.notes, this.body, this.rounds, this.lines, this.tools);
  }

  told({ method, params = {} }) {
    if (method === "notifications/progress") {
      this.progress.hidden = false;
      const total = params.total === undefined ? "" : ` of ${params.total}`;
      this.progress.textContent = visible(`progress ${params.progress}${total}${params.message ? `: ${params.message}` : ""}`);
    } else if (method === "notifications/message" && this.notes.children.length < LINES) {
      this.notes.append(show.logLine(params.level ?? "", typeof params.data === "string" ? params.data : JSON.stringify(params.data)));
    }
  }

  /** A line of the server's log; those of a plugin come before the line of the call that they belong to. */
  logged(line) {
    const isOwn = this.traces.has(line.traceparent);
    if (isOwn) {
      this.requests.add(line["faas.invocation_id"]);
      this.rounds.append(show.phases(line));
    }
    return isOwn;
  }

  wrote(line) {
    if (!this.requests.has(line["faas.invocation_id"]) || this.lines.children.length >= LINES) return;
    this.lines.append(show.logLine(line.level, line.message ?? ""));
  }

  end(state, text, parts) {
    this.outcome.textContent = text;
    this.outcome.className = `outcome ${state}`;
    this.body.replaceChildren(...parts.flat().filter(Boolean));
    this.cancel.remove();
    this.progress.hidden = true;
    announce(`${this.name}: ${text}`);
  }
}

async function run(call, blame) {
  calls.unshift(call);
  at("calls").prepend(call.element);
  while (calls.length > CALLS) calls.pop().element.remove();
  call.element.scrollIntoView({ block: "nearest" });
  const started = performance.now();
  const took = () => show.time(Math.round((performance.now() - started) * 1000));
  try {
    const result = await rounds(call);
    call.result = result;
    const isError = result.isError === true;
    if (isError) blame((result.content ?? []).map((one) => one?.text ?? "").join("\n"));
    call.end(isError ? "bad" : "good", isError ? `tool error (isError) in ${took()}` : `ok in ${took()}`, show.result(result));
  } catch (problem) {
    if (problem.name === "AbortError") return call.end("bad", "cancelled", []);
    call.error = problem instanceof McpError ? problem.error : undefined;
    blame(problem.message);
    call.end("bad", `error in ${took()}`, show.error(call.error ?? { code: 0, message: problem.message }));
  }
  offerCase(call);
  call.tools.append(el("button", { type: "button", click: () => again(call) }, "Use its arguments"));
}

/** Sends a request, and again with the answers as long as the tool asks. */
async function rounds(call) {
  const { method, params, headers } = call;
  let more = {};
  for (;;) {
    const traceparent = trace();
    call.traces.add(traceparent);
    const result = await request(method, { ...params, ...more }, { told: (one) => call.told(one), signal: call.stop.signal, traceparent, headers });
    if (result.resultType !== "input_required") return result;
    call.outcome.textContent = "asks";
    const answers = await ask(result.inputRequests ?? {});
    Object.assign(call.answers, answers);
    more = { inputResponses: answers, requestState: result.requestState };
    call.outcome.textContent = "running";
  }
}

function again({ kind, name, params }) {
  if (kind === "template") return;
  choose(kind, name, params.arguments);
  at("item").querySelector("h2")?.scrollIntoView({ block: "nearest" });
}

/** Offers to write a case, where it is known of which plugin. */
function offerCase(call) {
  if (!call.result && !call.error) return;
  const { kind, name } = call;
  const named = (names) => (Object.hasOwn(names, name) ? names[name] : undefined);
  const own = (plugin) => (kind === "tool" ? named(plugin.tools) : kind === "prompt" ? named(plugin.prompts) : name);
  const owners = plugins.filter((plugin) => plugin.hasCases && own(plugin) !== undefined);
  if (owners.length !== 1) return;
  const [plugin] = owners;
  const label = id();
  const slug = own(plugin).toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "").slice(0, 48) || "case";
  const field = el("input", { id: label, type: "text", value: `${slug}-${Date.now().toString(36).slice(-4)}`, spellcheck: false, autocomplete: "off" });
  const said = el("p", { className: "said", role: "status" });
  const write = async () => {
    const subject = [kind === "template" ? "resource" : kind, own(plugin)];
    const { arguments: values } = call.params;
    const wanted = { plugin: plugin.name, case: field.value, subject, ...(values && { arguments: values }), answers: call.answers,
      ...(call.result ? { result: call.result } : { error: call.error }) };
    try {
      const { file, command, leftOut } = await server.writeCase(wanted);
      const rest = leftOut.length ? ` Grants that it does not have: ${leftOut.join(", ")}.` : "";
      said.textContent = visible(`Wrote ${file}. Play it: ${command}.${rest}`);
    } catch (problem) {
      said.textContent = visible(problem.message);
    }
  };
  call.tools.append(el("form", { className: "case", submit: (event) => { event.preventDefault(); write(); } },
    el("label", { htmlFor: label }, "Case"), field, el("button", {}, "Write a case")), said);
}

/** Handles an event of the server. Lines of a plugin wait for the line of their call, which names its request. */
const waiting = [];
const handlers = {
  build,
  failures: showFailures,
  lists: () => later(),
  missed: () => later(),
  log(line) {
    const isOfPlugin = line.traceparent === undefined;
    if (isOfPlugin) {
      waiting.push(line);
      if (waiting.length > LINES) waiting.shift();
    } else {
      const call = calls.find((one) => one.logged(line));
      if (call) waiting.filter((one) => one["faas.invocation_id"] === line["faas.invocation_id"]).forEach((one) => call.wrote(one));
    }
  },
};

/** Reads the lists again, once for all changes that came together. */
let pending;
function later() {
  clearTimeout(pending);
  pending = setTimeout(() => reload().catch(fail), 50);
}

function fail(problem) {
  at("connection").textContent = visible(problem.message);
  at("connection").className = "bad";
}

function tell(state) {
  const text = { open: "connected", broken: "not connected; trying again", stale: "toolcell dev was started again: reload this page" }[state];
  at("connection").textContent = text;
  at("connection").className = state === "open" ? "" : "bad";
  if (state === "stale") at("connection").append(" ", el("button", { type: "button", click: () => location.reload() }, "Reload"));
}

at("filter").addEventListener("input", showLists);
try {
  const last = await reload();
  await server.follow(last, (kind, data) => handlers[kind]?.(data), tell);
} catch (problem) {
  fail(problem);
}
