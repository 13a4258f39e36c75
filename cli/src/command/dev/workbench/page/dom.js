// Elements made of texts: nothing that a server says is ever read as markup.

/** Characters that show nothing, or turn the text around. Line ends and tabs stay. */
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e0fff}]+/gu;

/** Shows hidden characters by their code. */
export function visible(text) {
  return String(text).replace(HIDDEN, (run) => {
    const characters = [...run];
    const codes = characters.slice(0, 4).map((one) => "U+" + one.codePointAt(0).toString(16).toUpperCase().padStart(4, "0"));
    const more = characters.length - codes.length;
    return `⟦${codes.join(" ")}${more > 0 ? ` and ${more} more` : ""}⟧`;
  });
}

/** Makes an element. Properties with "-" are attributes, functions are listeners; texts are shown visibly. */
export function el(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(key, value);
    else if (key.includes("-") || key === "role" || key === "for") element.setAttribute(key, value === true ? "true" : value);
    else element[key] = value;
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined)
    .map((child) => (child instanceof Node ? child : document.createTextNode(visible(child)))));
  return element;
}

let ids = 0;

/** An id that no other element has. */
export const id = () => `w${++ids}`;

/** Says something to those who do not see the page. */
export function announce(text) {
  document.getElementById("status").textContent = visible(text);
}

/** Characters of a text that are shown at first. */
const SHOWN = 20_000;

/** A long text: its beginning, and a button for the rest. */
export function long(text) {
  if (text.length <= SHOWN) return el("pre", { tabIndex: 0 }, text);
  const pre = el("pre", { tabIndex: 0 }, text.slice(0, SHOWN));
  const size = `${text.length.toLocaleString("en")} characters`;
  const more = el("button", { type: "button", click: () => { pre.textContent = visible(text); more.remove(); pre.focus(); } },
    `Show all ${size}`);
  return el("div", {}, pre, more);
}

/** A button that saves bytes as a file. */
export function save(name, bytes, type) {
  return el("button", { type: "button", click: () => {
    const url = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
    el("a", { href: url, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  } }, `Save ${type}, ${bytes.length.toLocaleString("en")} bytes`);
}

/** Reads standard base64; undefined if it is none. */
export function bytesOf(base64) {
  try {
    return Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
  } catch {
    return undefined;
  }
}

/** Writes standard base64. */
export function base64Of(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}
