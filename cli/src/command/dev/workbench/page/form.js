// Makes a form of a JSON Schema. Each field has an element, `read` (a value; throws Invalid) and `focus`.
//
// A schema that no field is made for gets a field for JSON: whatever a tool takes, a form can send.

import { base64Of, bytesOf, el, id, visible } from "./dom.js";
import { isNumber, number, parse, plain, pretty } from "./json.js";

/** Items of a fixed number that get a field each; more make a list. */
const TUPLE_ITEMS = 16;

/** Characters of an error that are shown beside a field; the whole text stands with the call. */
const SHOWN = 1000;

/** Bounds within which a 64-bit integer is a number; beyond, it is sent as its digits. */
const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** A value that its field cannot send. */
export class Invalid extends Error {
  constructor(message, field) {
    super(message);
    this.field = field;
  }
}

/** The form of an object's members: a field for each, under names and descriptions. */
export function form(schema, value) {
  const fields = members(schema, value, []);
  return {
    element: el("div", { className: "fields" }, fields.map((field) => field.element)),
    read: () => Object.fromEntries(fields.map((field) => [field.name, field.read()]).filter(([, one]) => one !== undefined)),
    isEmpty: fields.length === 0,
    /** Shows an error of the server beside the field that it names; tells whether there is one. */
    show: (text) => showBeside(fields, text),
    clear: () => each(fields, (field) => field.complain("")),
  };
}

function each(fields, act) {
  for (const field of fields) {
    act(field);
    each(field.parts?.() ?? [], act);
  }
}

function showBeside(fields, text) {
  let found;
  each(fields, (field) => {
    const path = field.path;
    if (mentions(text, path) && path.length >= (found?.path.length ?? 0)) found = field;
  });
  found?.complain(text);
  return found !== undefined;
}

/** The server names a field by its path: `arguments.shape.x: expected ...`. */
const mentions = (text, path) => {
  const whole = `arguments.${path}`;
  return text.includes(whole) && !/[\w-]/.test(text[text.indexOf(whole) + whole.length] ?? "");
};

function members(schema, value, path) {
  const required = schema?.required ?? [];
  return Object.entries(schema?.properties ?? {}).map(([name, property]) =>
    labelled(name, property, value?.[name], [...path, name], required.includes(name)));
}

const written = (path) =>
  path.reduce((text, step) => (typeof step === "number" ? `${text}[${step}]` : text ? `${text}.${step}` : step), "");

/** A field under its name. One that may be left out has a checkbox for that. */
function labelled(name, schema, value, path, isRequired) {
  const [control, hint, error] = [id(), id(), id()];
  const text = schema?.description ?? "";
  const field = make(schema, value ?? schema?.default, path, { id: control, hint: text ? hint : undefined, error });
  const body = el("div", { className: "body" }, field.element);
  const complaint = el("p", { id: error, className: "complaint", hidden: true });
  const title = schema?.title && schema.title !== name ? ` (${schema.title})` : "";
  const label = field.isGroup
    ? el("span", { className: "label", id: `${control}-label` }, name, title)
    : el("label", { className: "label", htmlFor: control }, name, title);
  const tick = isRequired ? null : el("input", {
    type: "checkbox", id: id(), checked: value !== undefined, "aria-label": `Send ${name}`,
    change: () => show(tick.checked),
  });
  const kind = el("span", { className: "kind" }, field.kind, isRequired ? "" : ", optional");
  const show = (isSent) => { body.hidden = field.isGroup && !isSent; };
  if (tick) {
    body.addEventListener("input", () => { tick.checked = true; });
    body.addEventListener("change", () => { tick.checked = true; });
    show(tick.checked);
  }
  if (field.isGroup) body.setAttribute("aria-labelledby", `${control}-label`), body.setAttribute("role", "group");
  const element = el("div", { className: "field" },
    el("div", { className: "head" }, tick, label, kind),
    text ? el("p", { className: "hint", id: hint }, text.replace(/\n{2,}/g, "\n")) : null, body, complaint);
  const complain = (message) => {
    complaint.hidden = message === "";
    complaint.textContent = visible(message.length > SHOWN ? `${message.slice(0, SHOWN)}…` : message);
    if (!field.isGroup) body.querySelector("input, textarea, select")?.setAttribute("aria-invalid", message !== "");
  };
  return {
    name, element, complain, path: written(path), parts: field.parts,
    focus: () => field.focus(),
    read() {
      if (tick && !tick.checked) return undefined;
      try {
        return field.read();
      } catch (problem) {
        if (!(problem instanceof Invalid) || problem.field) throw problem;
        complain(problem.message);
        throw new Invalid(`${written(path)}: ${problem.message}`, this);
      }
    },
  };
}

/** A field of a list or a tuple, under its number. */
const item = (schema, value, path, at) => labelled(String(at), schema, value, [...path.slice(0, -1), `${path.at(-1)}[${at}]`], true);

/** Chooses the field of a schema. */
function make(schema, value, path, ids) {
  if (schema === true || schema === undefined || schema === null || schema === false) return json(value, ids, "any JSON");
  const choices = namesOf(schema);
  if (choices) return choice(choices, value, ids);
  const branches = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(branches)) return variant(branches, value, path, ids);
  switch (schema.type) {
    case "boolean": return boolean(value, ids);
    case "integer": return scalar(value, ids, kindOf(schema), integer);
    case "number": return scalar(value, ids, kindOf(schema), float);
    case "string": return isBytes(schema) ? bytes(value, ids) : string(schema, value, ids);
    case "array": return array(schema, value, path, ids);
    case "object": return object(schema, value, path, ids);
    default: return json(value, ids, "JSON");
  }
}

/** The values of a type of names, each with the text that is shown. */
function namesOf(schema) {
  if (schema.const !== undefined) return [[schema.const, schema.title ?? plain(schema.const)]];
  if (Array.isArray(schema.enum)) return schema.enum.map((one, at) => [one, schema.enumNames?.[at] ?? plain(one)]);
  const titled = schema.oneOf ?? schema.anyOf;
  const isTitled = Array.isArray(titled) && titled.length > 0 && titled.every((one) => one?.const !== undefined);
  return isTitled ? titled.map((one) => [one.const, one.title ? `${one.title} (${plain(one.const)})` : plain(one.const)]) : undefined;
}

function kindOf(schema) {
  const { minimum, maximum, type } = schema;
  if (maximum === Number.MAX_SAFE_INTEGER && (minimum === 0 || minimum === -maximum)) {
    return minimum === 0 ? "integer of 64 bits, not negative" : "integer of 64 bits";
  }
  if (minimum === undefined && maximum === undefined) return type;
  const bound = (one, other) => (one === undefined ? other : Math.abs(Number(plain(one))) > 1e21 ? other : plain(one));
  const [low, high] = [bound(minimum, ""), bound(maximum, "")];
  return low === "" && high === "" ? type : `${type} ${low}…${high}`;
}

const isBytes = (schema) =>
  schema.contentEncoding === "base64" || /standard base64/.test(schema.description ?? "") || /\[A-Za-z0-9\+\/\]/.test(schema.pattern ?? "");

function common(ids) {
  const described = [ids.hint, ids.error].filter(Boolean).join(" ");
  return { id: ids.id, "aria-describedby": described || undefined, "aria-label": ids.label };
}

function scalar(value, ids, kind, read) {
  const input = el("input", { ...common(ids), type: "text", inputMode: "decimal", autocomplete: "off", spellcheck: false,
    value: value === undefined || value === null ? "" : plain(value) });
  return { element: input, kind, read: () => read(input.value.trim()), focus: () => input.focus() };
}

function integer(text) {
  if (!/^-?\d+$/.test(text)) throw new Invalid(`expected a whole number, found ${JSON.stringify(text)}`);
  const value = BigInt(text);
  return value > SAFE || value < -SAFE ? value.toString() : number(value.toString());
}

function float(text) {
  if (["NaN", "Infinity", "-Infinity"].includes(text)) return text;
  if (!/^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(text)) {
    throw new Invalid(`expected a number such as 1.5, or NaN, Infinity or -Infinity, found ${JSON.stringify(text)}`);
  }
  return number(text);
}

function boolean(value, ids) {
  const input = el("input", { ...common(ids), type: "checkbox", checked: value === true });
  return { element: input, kind: "boolean", read: () => input.checked, focus: () => input.focus() };
}

function string(schema, value, ids) {
  const isChar = schema.maxLength === 1;
  const input = isChar
    ? el("input", { ...common(ids), type: "text", autocomplete: "off", className: "char" })
    : el("textarea", { ...common(ids), rows: 1, spellcheck: false });
  input.value = value ?? "";
  const kind = isChar ? "character" : schema.format ? `string, ${schema.format}` : "string";
  return { element: input, kind, read: () => input.value, focus: () => input.focus() };
}

function bytes(value, ids) {
  const text = el("textarea", { ...common(ids), rows: 1, spellcheck: false, value: value ?? "" });
  const file = el("input", { type: "file", "aria-label": "Bytes of a file", change: async () => {
    if (!file.files[0]) return;
    text.value = base64Of(new Uint8Array(await file.files[0].arrayBuffer()));
    text.dispatchEvent(new Event("input", { bubbles: true }));
  } });
  const read = () => {
    const compact = text.value.replace(/\s/g, "");
    if (bytesOf(compact) === undefined) throw new Invalid("expected standard base64; or choose a file");
    return compact;
  };
  return { element: el("div", { className: "bytes" }, text, file), kind: "bytes as base64", read, focus: () => text.focus() };
}

function choice(choices, value, ids) {
  const at = Math.max(0, choices.findIndex(([one]) => one === value));
  const select = el("select", common(ids), choices.map(([, text], index) => el("option", { value: index, selected: index === at }, text)));
  return { element: select, kind: "one of", read: () => choices[Number(select.value)][0], focus: () => select.focus() };
}

function json(value, ids, kind) {
  const input = el("textarea", { ...common(ids), rows: 3, spellcheck: false, className: "code",
    value: value === undefined ? "" : pretty(value) });
  const read = () => {
    try {
      return parse(input.value);
    } catch (error) {
      throw new Invalid(`expected JSON: ${error.message}`);
    }
  };
  return { element: input, kind, read, focus: () => input.focus() };
}

function object(schema, value, path, ids) {
  if (!schema.properties && schema.additionalProperties) return map(schema.additionalProperties, value, path, ids);
  if (!schema.properties) return json(value ?? {}, ids, "object as JSON");
  const fields = members(schema, value, path);
  const element = el("div", { className: "nested" }, fields.map((field) => field.element));
  const read = () =>
    Object.fromEntries(fields.map((field) => [field.name, field.read()]).filter(([, one]) => one !== undefined));
  return { element, kind: "record", isGroup: true, read, parts: () => fields, focus: () => fields[0]?.focus() };
}

function array(schema, value, path, ids) {
  const { prefixItems, minItems, maxItems } = schema;
  const values = Array.isArray(value) ? value : [];
  if (prefixItems || (minItems !== undefined && minItems === maxItems && minItems <= TUPLE_ITEMS)) {
    const schemas = prefixItems ?? Array(minItems).fill(schema.items);
    const fields = schemas.map((one, at) => item(one, values[at], path, at));
    const element = el("div", { className: "nested" }, fields.map((field) => field.element));
    return { element, kind: "tuple", isGroup: true, parts: () => fields, focus: () => fields[0]?.focus(), read: () => fields.map((field) => field.read()) };
  }
  const names = namesOf(schema.items ?? {});
  return names ? flags(names, schema, values, path) : list(schema, values, path);
}

/** Names of which any may be chosen. Those that are repeated or in an order of their own need a list. */
function flags(names, schema, values, path) {
  const inOrder = names.map(([one]) => one).filter((one) => values.includes(one));
  const isPlain = inOrder.length === values.length && inOrder.every((one, at) => one === values[at]);
  let field = isPlain ? boxes() : list(schema, values, path);
  const toList = el("button", { type: "button", click: () => {
    const filled = list(schema, field.read(), path);
    element.replaceChildren(filled.element);
    field = filled;
    field.focus();
  } }, "As a list");
  const element = el("div", {}, field.element, isPlain && !schema.uniqueItems ? toList : null);
  return { element, kind: "names", isGroup: true, parts: () => field.parts?.() ?? [], focus: () => field.focus(), read: () => field.read() };

  function boxes() {
    const inputs = names.map(([one, text]) => {
      const box = el("input", { type: "checkbox", checked: values.includes(one) });
      return [one, box, el("label", { className: "flag" }, box, text)];
    });
    return {
      element: el("div", { className: "flags" }, inputs.map(([, , label]) => label)),
      focus: () => inputs[0]?.[1].focus(),
      read: () => inputs.filter(([, box]) => box.checked).map(([one]) => one),
    };
  }
}

function list(schema, values, path) {
  let fields = [];
  const rows = el("div", { className: "rows" });
  const add = (value) => {
    const field = item(schema.items, value, path, fields.length);
    const row = el("div", { className: "row" }, field.element, el("button", { type: "button", "aria-label": "Remove this item", click: () => {
      // The rest is made again, because the items after it have other numbers now.
      const kept = fields.filter((one) => one !== field).map(quiet);
      fields = [];
      rows.replaceChildren();
      kept.forEach(add);
      button.focus();
    } }, "Remove"));
    fields.push(field);
    rows.append(row);
    return field;
  };
  values.forEach(add);
  const button = el("button", { type: "button", click: () => { add().focus(); element.dispatchEvent(new Event("input", { bubbles: true })); } }, "Add an item");
  const element = el("div", { className: "nested" }, rows, button);
  return { element, kind: "list", isGroup: true, parts: () => fields, focus: () => button.focus(), read: () => fields.map((field) => field.read()) };
}

/** The value of a field if it has one that can be sent. */
function quiet(field) {
  try {
    return field.read();
  } catch {
    return undefined;
  }
}

function map(schema, value, path) {
  let rows = [];
  const place = el("div", { className: "rows" });
  const add = (key, one) => {
    const name = el("input", { type: "text", value: key, "aria-label": "Key", spellcheck: false });
    const field = labelled("value", schema, one, [...path, "value"], true);
    const entry = [name, field];
    const row = el("div", { className: "row" }, name, field.element, el("button", { type: "button", "aria-label": "Remove this entry", click: () => {
      rows = rows.filter((other) => other !== entry);
      row.remove();
      button.focus();
    } }, "Remove"));
    rows.push(entry);
    place.append(row);
    return name;
  };
  Object.entries(value ?? {}).forEach(([key, one]) => add(key, one));
  const button = el("button", { type: "button", click: () => { add("").focus(); element.dispatchEvent(new Event("input", { bubbles: true })); } }, "Add an entry");
  const element = el("div", { className: "nested" }, place, button);
  const read = () => {
    const names = rows.map(([name]) => name.value);
    if (new Set(names).size < names.length) throw new Invalid("expected keys that differ");
    return Object.fromEntries(rows.map(([name, field]) => [name.value, field.read()]));
  };
  return { element, kind: "map", isGroup: true, parts: () => rows.map(([, field]) => field), focus: () => button.focus(), read };
}

/** One of several forms: names stand for themselves, a closed object with one member is a case with its payload. */
function variant(branches, value, path) {
  const cases = branches.flatMap((branch) => casesOf(branch));
  const start = Math.max(0, cases.findIndex((one) => one.fits(value)));
  const place = el("div", { className: "payload" });
  let field;
  const select = el("select", { "aria-label": "Case", change: () => show(undefined) },
    cases.map(({ text }, at) => el("option", { value: at, selected: at === start }, text)));
  const show = (one) => {
    const { schema, name, text } = cases[Number(select.value)];
    field = schema === undefined ? undefined
      : labelled(name ?? text, schema, one, name === undefined ? path : [...path, name], true);
    place.replaceChildren(...(field ? [field.element] : []));
  };
  show(cases[start].open(value));
  const element = el("div", { className: "nested" }, select, place);
  const read = () => cases[Number(select.value)].close(field?.read());
  return { element, kind: "variant", isGroup: true, parts: () => (field ? [field] : []), focus: () => select.focus(), read };
}

function casesOf(branch) {
  const names = namesOf(branch);
  if (names) return names.map(([one, text]) => ({ text, fits: (value) => value === one, open: () => undefined, close: () => one }));
  if (branch?.type === "null") return [{ text: "none (null)", fits: (value) => value === null, open: () => undefined, close: () => null }];
  const properties = Object.keys(branch?.properties ?? {});
  if (branch?.type === "object" && properties.length === 1 && branch.required?.length === 1) {
    const [name] = properties;
    const schema = { ...branch.properties[name] };
    if (branch.description) schema.description = [branch.description, schema.description].filter(Boolean).join("\n\n");
    return [{ text: name, name, schema, fits: (value) => isObject(value) && name in value, open: (value) => value?.[name], close: (one) => ({ [name]: one }) }];
  }
  return [{ text: branch?.title ?? branch?.type ?? "JSON", schema: branch ?? true, fits: (value) => isOf(branch?.type, value), open: (value) => value, close: (one) => one }];
}

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

const isOf = (type, value) =>
  (type === "integer" || type === "number") ? isNumber(value)
    : type === "array" ? Array.isArray(value)
      : type === "object" ? isObject(value) && !isNumber(value) : typeof value === type;
