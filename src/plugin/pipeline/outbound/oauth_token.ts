import { WorkflowError } from "../../../error/error.ts";
import { ownValue } from "../../../json/map.ts";
import { parseJson } from "../../../json/parse.ts";
import type { Secret } from "../../../log/secret.ts";
import type { EgressPolicy } from "../../../net/egress.ts";
import { untilAborted } from "../../../net/until_aborted.ts";
import type { RuntimeServices } from "../../../port/runtime.ts";
import type { Clock } from "../../../time/clock.ts";
import { sendCall } from "./send.ts";

/** Most tokens that are kept. Guessed: far above the number of clients a configuration has. */
const tokensMax = 1000;
/** A token is renewed this long before it expires, so that it is still good when it arrives. */
const marginMs = 10_000;
const lifetimeSDefault = 3600;
const fetchTimeoutMs = 30_000;
const answerBytesMax = 1024 * 1024;

/** What a client shows the token endpoint (RFC 6749 §4.4). */
export interface ClientCredentials {
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: Secret;
  readonly scopes: readonly string[];
}

// One cache per process, found by a service that lives as long: steps are rebuilt with every reload, tokens stay good.
const caches = new WeakMap<object, TokenCache>();

/** The process's tokens. */
export function tokenCacheOf({ events, clock }: RuntimeServices): TokenCache {
  const known = caches.get(events);
  if (known !== undefined) return known;
  const cache = new TokenCache(clock);
  caches.set(events, cache);
  return cache;
}

interface Entry {
  readonly token: Promise<string>;
  expiresAtMs: number;
}

/** Access tokens by credentials. Those who ask while a token is being fetched share it. */
export class TokenCache {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * A token that is still good. Throws `step.upstream` when the endpoint gives none, and `step.egress_refused` when it
   * may not be called. Steps with other egress rules have tokens of their own.
   */
  async get(credentials: ClientCredentials, egress: EgressPolicy, signal: AbortSignal): Promise<string> {
    const key = keyOf(credentials, egress);
    const known = this.#entries.get(key);
    const isGood = known !== undefined && known.expiresAtMs > this.#clock.now();
    const entry = isGood ? known : this.#fetch(key, (onExpiry) => this.#request(credentials, egress, onExpiry));
    return untilAborted(entry.token, signal);
  }

  /** Forgets a token that was refused, unless there is a newer one already. */
  async drop(credentials: ClientCredentials, egress: EgressPolicy, refused: string): Promise<void> {
    const key = keyOf(credentials, egress);
    const entry = this.#entries.get(key);
    if (entry !== undefined && (await entry.token) === refused && this.#entries.get(key) === entry) {
      this.#entries.delete(key);
    }
  }

  #fetch(key: string, request: (onExpiry: (atMs: number) => void) => Promise<string>): Entry {
    const entry: Entry = { token: request((ms) => (entry.expiresAtMs = ms)), expiresAtMs: Infinity };
    entry.token.catch(() => {
      // Those who wait are told by the promise itself; the next one to ask tries again.
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
    });
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined && this.#entries.size >= tokensMax) this.#entries.delete(oldest);
    this.#entries.set(key, entry);
    return entry;
  }

  /** Not bound to the run that asks first: others may wait for the same token. */
  async #request(
    credentials: ClientCredentials,
    egress: EgressPolicy,
    onExpiry: (atMs: number) => void,
  ): Promise<string> {
    const deadline = new AbortController();
    const late = new WorkflowError("run.timeout", "token endpoint did not answer in time");
    const cancelTimer = this.#clock.setTimeout(fetchTimeoutMs, () => deadline.abort(late));
    try {
      const { status, text } = await sendCall({
        method: "POST",
        url: credentials.tokenUrl,
        headers: new Headers({ "content-type": "application/x-www-form-urlencoded", accept: "application/json" }),
        body: formOf(credentials),
        egress,
        answerBytesMax,
        signal: deadline.signal,
      });
      if (status !== 200) throw refusal(`token endpoint returned HTTP ${status}: ${text.slice(0, 1000)}`);
      const { token, lifetimeS } = readAnswer(text);
      onExpiry(this.#clock.now() + lifetimeS * 1000 - marginMs);
      return token;
    } finally {
      cancelTimer();
    }
  }
}

function keyOf({ tokenUrl, clientId, clientSecret, scopes }: ClientCredentials, egress: EgressPolicy): string {
  return JSON.stringify([tokenUrl, clientId, clientSecret.reveal(), scopes, egress.key]);
}

function formOf({ clientId, clientSecret, scopes }: ClientCredentials): string {
  const form = new URLSearchParams({
    grant_type: "client_credentials",
    client_id: clientId,
    client_secret: clientSecret.reveal(),
  });
  if (scopes.length > 0) form.set("scope", scopes.join(" "));
  return form.toString();
}

function readAnswer(text: string): { readonly token: string; readonly lifetimeS: number } {
  const answer = parseAnswer(text);
  const token = ownValue(answer, "access_token");
  if (typeof token !== "string" || token === "") throw refusal("token endpoint returned no access_token");
  const lifetime = Number(ownValue(answer, "expires_in") ?? lifetimeSDefault);
  return { token, lifetimeS: lifetime > 0 ? lifetime : lifetimeSDefault };
}

function parseAnswer(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    throw refusal("token endpoint did not return JSON", error);
  }
}

function refusal(text: string, cause?: unknown): WorkflowError {
  return new WorkflowError("step.upstream", text, { cause });
}
