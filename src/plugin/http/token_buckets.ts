/** How fast and how far requests of one client may come. */
export interface BucketOptions {
  readonly tokensPerMinute: number;
  /** Tokens of a full bucket, which is what every client begins with. */
  readonly burst: number;
  /** Buckets kept at once; beyond it, the client that was quiet for longest begins anew. */
  readonly bucketsMax: number;
}

interface Bucket {
  tokens: number;
  filledAtMs: number;
}

/** Idle time after which a bucket is dropped, at least; it must also have had time to fill twice. */
const idleMsMin = 10 * 60_000;

/** One token bucket for each client. Times are monotonic milliseconds and never go back. */
export class TokenBuckets {
  readonly #tokensPerMs: number;
  readonly #burst: number;
  readonly #bucketsMax: number;
  readonly #idleMsMax: number;
  // In the order of use: a bucket is inserted anew each time, so that the first one is the least recently used.
  readonly #buckets = new Map<string, Bucket>();

  constructor({ tokensPerMinute, burst, bucketsMax }: BucketOptions) {
    this.#tokensPerMs = tokensPerMinute / 60_000;
    this.#burst = burst;
    this.#bucketsMax = bucketsMax;
    this.#idleMsMax = Math.max(idleMsMin, (2 * burst) / this.#tokensPerMs);
  }

  get size(): number {
    return this.#buckets.size;
  }

  /** Takes one token of a client; false when there is none. */
  take(client: string, nowMs: number): boolean {
    const bucket = this.#buckets.get(client);
    if (bucket === undefined) {
      if (this.#buckets.size >= this.#bucketsMax) this.#dropOldest();
      this.#buckets.set(client, { tokens: this.#burst - 1, filledAtMs: nowMs });
      return true;
    }
    this.#buckets.delete(client);
    this.#buckets.set(client, bucket);
    bucket.tokens = Math.min(this.#burst, bucket.tokens + (nowMs - bucket.filledAtMs) * this.#tokensPerMs);
    bucket.filledAtMs = nowMs;
    if (bucket.tokens < 1) return false;
    bucket.tokens--;
    return true;
  }

  /** Drops the buckets of clients that were quiet for long: they would be full again anyway. */
  purge(nowMs: number): void {
    for (const [client, { filledAtMs }] of this.#buckets) {
      if (nowMs - filledAtMs <= this.#idleMsMax) return;
      this.#buckets.delete(client);
    }
  }

  #dropOldest(): void {
    const [oldest] = this.#buckets.keys();
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }
}
