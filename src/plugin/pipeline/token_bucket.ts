import type { Clock } from "../../time/clock.ts";

/** Most keys that are remembered. Guessed: about 2 MB. */
export const bucketKeysMax = 10_000;

/** How many may come at once, and how many follow. */
export interface BucketRate {
  readonly capacity: number;
  readonly refillPerS: number;
}

interface Bucket {
  tokens: number;
  filledAtMs: number;
}

/** Token buckets by key, each full at first. */
export class TokenBuckets {
  readonly #rate: BucketRate;
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #buckets = new Map<string, Bucket>();

  constructor(rate: BucketRate, clock: Pick<Clock, "monotonic">) {
    this.#rate = rate;
    this.#clock = clock;
  }

  /** Takes a token and gives 0, or gives the milliseconds until there will be one. */
  take(key: string): number {
    const bucket = this.#find(key);
    if (bucket.tokens >= 1) {
      bucket.tokens--;
      return 0;
    }
    return Math.ceil(((1 - bucket.tokens) / this.#rate.refillPerS) * 1000);
  }

  #find(key: string): Bucket {
    const now = this.#clock.monotonic();
    const { capacity, refillPerS } = this.#rate;
    const known = this.#buckets.get(key);
    if (known === undefined) {
      const bucket = { tokens: capacity, filledAtMs: now };
      this.#makeRoom();
      this.#buckets.set(key, bucket);
      return bucket;
    }
    known.tokens = Math.min(capacity, known.tokens + ((now - known.filledAtMs) / 1000) * refillPerS);
    known.filledAtMs = now;
    // A Map iterates in insertion order: re-inserting marks the bucket as used.
    this.#buckets.delete(key);
    this.#buckets.set(key, known);
    return known;
  }

  /** Forgets the key that was not seen for longest: most likely its bucket is full, like a new one. */
  #makeRoom(): void {
    if (this.#buckets.size < bucketKeysMax) return;
    const [oldest] = this.#buckets.keys();
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }
}
