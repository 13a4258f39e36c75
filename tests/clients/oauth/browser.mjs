// Follows an address of an authorization server as a browser does: redirects and cookies, until it is led back.

/** The most redirects from the first page to the client's own address. */
const MOST = 10;

/** Opens an address, and returns the one at which the client is called back. */
export async function browse(url, callback) {
  const cookies = new Map();
  let at = new URL(url);
  for (let step = 0; step < MOST; step++) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(at, { redirect: 'manual', headers: { cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [pair] = line.split(';');
      const [name, ...value] = pair.split('=');
      cookies.set(name, value.join('='));
    }
    const next = response.headers.get('location');
    if (next === null) throw new Error(`${at} answers ${response.status} and leads nowhere: ${await response.text()}`);
    at = new URL(next, at);
    if (at.href.startsWith(callback)) return at;
  }
  throw new Error(`${url} leads nowhere in ${MOST} steps`);
}
