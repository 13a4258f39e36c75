// Keeps what a TypeScript client has to remember while it signs a user in, and is the browser to which it leads them.

import { browse } from './browser.mjs';
import { CALLBACK, DOCUMENT, REGISTERED } from './issuer.mjs';

/** The official SDK's `OAuthClientProvider`, for a client that is known in one of the ways of the story. */
export class SignIn {
  #way;
  #client;
  #tokens;
  #verifier;
  #state;
  #page;
  #discovered;

  constructor(way, issuer) {
    this.#way = way;
    if (way === 'registered beforehand') this.#client = { ...REGISTERED, issuer };
    if (way === 'client metadata document') this.clientMetadataUrl = DOCUMENT;
  }

  get redirectUrl() {
    return CALLBACK;
  }

  get clientMetadata() {
    return {
      client_name: 'toolcell-tests',
      redirect_uris: [CALLBACK],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: this.#way === 'dynamic registration' ? 'client_secret_basic' : 'none',
    };
  }

  state() {
    this.#state = crypto.randomUUID();
    return this.#state;
  }

  clientInformation = () => this.#client;
  saveClientInformation = (client) => void (this.#client = client);
  tokens = () => this.#tokens;
  saveTokens = (tokens) => void (this.#tokens = tokens);
  codeVerifier = () => this.#verifier;
  saveCodeVerifier = (verifier) => void (this.#verifier = verifier);
  discoveryState = () => this.#discovered;
  saveDiscoveryState = (found) => void (this.#discovered = found);
  redirectToAuthorization = (page) => void (this.#page = page);

  /** Visits the page to which the client led, and returns what it is called back with. */
  async browse() {
    const { searchParams } = await browse(this.#page, CALLBACK);
    if (searchParams.get('state') !== this.#state) throw new Error('called back with another state');
    return searchParams;
  }

  /** Replaces the access token by one that nobody accepts. */
  spoil() {
    this.#tokens = { ...this.#tokens, access_token: 'spoiled' };
  }
}
