// Follows an address of an authorization server as a browser does: redirects, cookies and forms.

/** The most pages from the first one to the end. */
const MOST = 15;

/** Opens an address, and returns the one at which the client is called back. */
export async function browse(url, callback) {
  const browser = new Browser();
  let at = new URL(url);
  for (let step = 0; step < MOST; step++) {
    const { next, text } = await browser.open(at);
    if (next === undefined) throw new Error(`${at} leads nowhere: ${text}`);
    at = next;
    if (at.href.startsWith(callback)) return at;
  }
  throw new Error(`${url} leads nowhere in ${MOST} steps`);
}

/** Opens an address with a form, and sends each form that follows, as a user does who agrees; returns the last page. */
export async function agree(url) {
  const browser = new Browser();
  let at = new URL(url);
  let form;
  for (let step = 0; step < MOST; step++) {
    const { next, text } = await browser.open(at, form);
    form = undefined;
    if (next !== undefined) {
      at = next;
      continue;
    }
    const action = /<form[^>]* action="([^"]*)"/.exec(text)?.[1];
    if (action === undefined) return text;
    const inputs = [...text.matchAll(/<input[^>]*type="hidden"[^>]*>/g)].map(([input]) => ['name', 'value'].map((name) => attribute(input, name)));
    form = new URLSearchParams(inputs);
    at = new URL(action, at);
  }
  throw new Error(`${url} does not end in ${MOST} steps`);
}

function attribute(element, name) {
  return new RegExp(` ${name}="([^"]*)"`).exec(element)?.[1] ?? '';
}

class Browser {
  #cookies = new Map();

  /** Opens an address, or sends a form to it; returns where it leads, or its text. */
  async open(at, form) {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const method = form === undefined ? 'GET' : 'POST';
    const response = await fetch(at, { method, body: form, redirect: 'manual', headers: { cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [name, ...value] = line.split(';')[0].split('=');
      this.#cookies.set(name, value.join('='));
    }
    const next = response.headers.get('location');
    return next === null ? { text: await response.text() } : { next: new URL(next, at) };
  }
}
