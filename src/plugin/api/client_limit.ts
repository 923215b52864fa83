/** How often each client may ask. */
export interface ClientLimitOptions {
  readonly requestsPerMinute: number;
  /** Requests that may come at once. */
  readonly burst: number;
}

interface Allowance {
  requests: number;
  countedAtMs: number;
}

/** Clients that are remembered at once; beyond it, the one that was quiet for longest begins anew. Guessed: 1 MB. */
const clientsMax = 10_000;

/** An allowance of requests for each client, which grows back with time. Times are monotonic milliseconds. */
export class ClientLimit {
  readonly #perMs: number;
  readonly #burst: number;
  // In the order of use: an entry is inserted anew each time, so that the first one is the least recently used.
  readonly #clients = new Map<string, Allowance>();

  constructor({ requestsPerMinute, burst }: ClientLimitOptions) {
    this.#perMs = requestsPerMinute / 60_000;
    this.#burst = burst;
  }

  /** Counts a request. Gives 0, or the seconds until the client may ask again. */
  count(client: string, nowMs: number): number {
    const known = this.#clients.get(client) ?? this.#add(client, nowMs);
    this.#clients.delete(client);
    this.#clients.set(client, known);
    known.requests = Math.min(this.#burst, known.requests + (nowMs - known.countedAtMs) * this.#perMs);
    known.countedAtMs = nowMs;
    if (known.requests < 1) return Math.ceil((1 - known.requests) / this.#perMs / 1000);
    known.requests--;
    return 0;
  }

  #add(client: string, nowMs: number): Allowance {
    if (this.#clients.size >= clientsMax) {
      const [oldest] = this.#clients.keys();
      if (oldest !== undefined) this.#clients.delete(oldest);
    }
    const added = { requests: this.#burst, countedAtMs: nowMs };
    this.#clients.set(client, added);
    return added;
  }
}

/** The limit that a configuration asks for; undefined when it sets no rate. */
export function clientLimit(
  written: { readonly requestsPerMinute: number; readonly burstSize?: number } | undefined,
): ClientLimit | undefined {
  if (written === undefined || written.requestsPerMinute <= 0) return undefined;
  const burst = written.burstSize ?? Math.max(1, written.requestsPerMinute);
  return new ClientLimit({ requestsPerMinute: written.requestsPerMinute, burst });
}
