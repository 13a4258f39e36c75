// Asks the user what a plugin asks: a dialog for each question, one after another.

import { el, id, visible } from "./dom.js";
import { form, Invalid } from "./form.js";
import { pretty } from "./json.js";

const dialog = document.getElementById("question");

/** Asks all questions of a result; returns the answers by their keys. */
export async function ask(requests) {
  const answers = {};
  for (const [key, request] of Object.entries(requests)) answers[key] = await one(key, request);
  return answers;
}

function one(key, { method, params = {} }) {
  switch (method) {
    case "sampling/createMessage": return sample(key, params);
    case "roots/list": return roots(key);
    default: return params.mode === "url" ? page(key, params) : fill(key, params);
  }
}

/** Shows a dialog; `read` makes the answer of a user who accepts. Escape cancels, as the button does. */
function show(key, title, content, read, buttons) {
  return new Promise((answered, abandoned) => {
    const complaint = el("p", { className: "complaint", role: "alert", hidden: true });
    const hide = () => {
      dialog.removeEventListener("cancel", escape);
      dialog.close();
      dialog.replaceChildren();
    };
    const close = (answer) => { hide(); answered(answer); };
    // A question to a program has no answer that says no: the call ends without one.
    const end = () => { hide(); abandoned(new DOMException("the call was cancelled", "AbortError")); };
    const escape = (event) => { event.preventDefault(); isForUser ? close({ action: "cancel" }) : end(); };
    const isForUser = buttons.length > 0;
    const accept = () => {
      try {
        close(read());
      } catch (problem) {
        if (!(problem instanceof Invalid)) throw problem;
        complaint.hidden = false;
        complaint.textContent = visible(problem.message);
        problem.field?.focus();
      }
    };
    const others = !isForUser ? el("button", { type: "button", click: end }, "Cancel the call") : buttons.map((action) => el("button", { type: "button", click: () => close({ action }) }, { decline: "Decline", cancel: "Cancel" }[action]));
    dialog.addEventListener("cancel", escape);
    dialog.replaceChildren(el("form", { submit: (event) => { event.preventDefault(); accept(); }, noValidate: true },
      el("h2", { id: "question-title" }, title), el("p", { className: "quiet" }, "Question ", el("code", {}, key)),
      content, complaint,
      el("div", { className: "buttons" }, el("button", { className: "primary" }, "Answer"), others)));
    dialog.showModal();
    dialog.querySelector("input, textarea, select, a")?.focus();
  });
}

function fill(key, { message = "", requestedSchema }) {
  const fields = form(requestedSchema);
  const content = el("div", {}, el("p", { className: "message" }, message), fields.element);
  const read = () => { fields.clear(); return { action: "accept", content: fields.read() }; };
  return show(key, "The plugin asks you", content, read, ["decline", "cancel"]);
}

function page(key, { message = "", url = "" }) {
  const isWeb = /^https?:\/\//i.test(url);
  const link = isWeb ? el("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, url) : el("code", {}, url);
  const content = el("div", {}, el("p", { className: "message" }, message), el("p", {}, link),
    el("p", { className: "quiet" }, "Open the page, do what it asks, and answer when you are done."));
  return show(key, "The plugin wants you to open a page", content, () => ({ action: "accept" }), ["decline", "cancel"]);
}

function sample(key, params) {
  const [text, model] = [id(), id()];
  const answer = el("textarea", { id: text, rows: 4 });
  const name = el("input", { id: model, type: "text", value: "workbench" });
  const content = el("div", {},
    el("details", {}, el("summary", {}, "The conversation"), el("pre", { tabIndex: 0 }, pretty(params))),
    el("label", { htmlFor: text }, "The model's answer"), answer, el("label", { htmlFor: model }, "Model"), name);
  const read = () => ({ role: "assistant", content: { type: "text", text: answer.value }, model: name.value, stopReason: "endTurn" });
  return show(key, "The plugin asks the client's model", content, read, []);
}

function roots(key) {
  const list = id();
  const uris = el("textarea", { id: list, rows: 3, spellcheck: false, value: "file:///home/user/project" });
  const content = el("div", {}, el("label", { htmlFor: list }, "Working directories, a URI a line"), uris);
  const read = () => ({ roots: uris.value.split("\n").map((one) => one.trim()).filter(Boolean).map((uri) => ({ uri })) });
  return show(key, "The plugin asks for your working directories", content, read, []);
}
