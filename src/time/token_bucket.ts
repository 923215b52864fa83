/** How fast and how far requests of one key may come. */
export interface BucketOptions {
  readonly tokensPerMinute: number;
  /** Tokens of a full bucket, which is what every key begins with. */
  readonly burst: number;
  /** Buckets kept at once; beyond it, the key that was quiet for longest begins anew. */
  readonly keysMax?: number;
}

/** Keys that are remembered unless the options say otherwise. Guessed: about 2 MB. */
export const keysMaxDefault = 10_000;

/** Idle time after which a bucket may be dropped, at least; it must also have had time to fill twice. */
const idleMsMin = 10 * 60_000;

interface Bucket {
  tokens: number;
  filledAtMs: number;
}

/** One token bucket for each key. Times are monotonic milliseconds and never go back. */
export class TokenBuckets {
  readonly #msPerToken: number;
  readonly #burst: number;
  readonly #keysMax: number;
  // In the order of use: a bucket is inserted anew each time, so that the first one is the least recently used.
  readonly #buckets = new Map<string, Bucket>();

  constructor({ tokensPerMinute, burst, keysMax = keysMaxDefault }: BucketOptions) {
    this.#msPerToken = 60_000 / tokensPerMinute;
    this.#burst = burst;
    this.#keysMax = keysMax;
  }

  /** Keys that are remembered. */
  get size(): number {
    return this.#buckets.size;
  }

  /** Takes a token of a key and gives 0, or gives the whole milliseconds until there will be one. */
  take(key: string, nowMs: number): number {
    const bucket = this.#use(key, nowMs);
    if (bucket.tokens < 1) return Math.ceil((1 - bucket.tokens) * this.#msPerToken);
    bucket.tokens--;
    return 0;
  }

  /** Drops the buckets of keys that were quiet for long: they would be full again anyway. */
  purge(nowMs: number): void {
    const idleMsMax = Math.max(idleMsMin, 2 * this.#burst * this.#msPerToken);
    for (const [key, { filledAtMs }] of this.#buckets) {
      if (nowMs - filledAtMs <= idleMsMax) return;
      this.#buckets.delete(key);
    }
  }

  /** The bucket of a key, filled up to now and marked as used. */
  #use(key: string, nowMs: number): Bucket {
    const known = this.#buckets.get(key);
    if (known === undefined) return this.#add(key, nowMs);
    known.tokens = Math.min(this.#burst, known.tokens + (nowMs - known.filledAtMs) / this.#msPerToken);
    known.filledAtMs = nowMs;
    this.#buckets.delete(key);
    this.#buckets.set(key, known);
    return known;
  }

  #add(key: string, nowMs: number): Bucket {
    if (this.#buckets.size >= this.#keysMax) {
      const [oldest] = this.#buckets.keys();
      if (oldest !== undefined) this.#buckets.delete(oldest);
    }
    const added = { tokens: this.#burst, filledAtMs: nowMs };
    this.#buckets.set(key, added);
    return added;
  }
}
