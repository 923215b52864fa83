import { describe, expect, test } from "bun:test";
import { TokenBuckets } from "../../src/time/token_bucket.ts";

test("a burst goes through, and then one per share of a minute", () => {
  const buckets = new TokenBuckets({ tokensPerMinute: 30, burst: 2 });
  expect([0, 0, 0, 500, 1999, 2000, 2000].map((now) => buckets.take("a", now))).toEqual([0, 0, 2000, 1500, 1, 0, 2000]);
});

test("who waits as long as told gets a token, also at a rate that does not divide a minute", () => {
  const buckets = new TokenBuckets({ tokensPerMinute: 7, burst: 1 });
  expect([buckets.take("a", 0), buckets.take("a", 0), buckets.take("a", 8572)]).toEqual([0, 8572, 0]);
});

test("a rate below one in a minute counts too", () => {
  const buckets = new TokenBuckets({ tokensPerMinute: 0.5, burst: 1 });
  expect([buckets.take("a", 0), buckets.take("a", 1)]).toEqual([0, 119_999]);
});

test("each key has a bucket of its own", () => {
  const buckets = new TokenBuckets({ tokensPerMinute: 1, burst: 1 });
  expect(["a", "b", "a", "__proto__", "__proto__"].map((key) => buckets.take(key, 0))).toEqual([
    0, 0, 60_000, 0, 60_000,
  ]);
});

test("a bucket never holds more than the burst", () => {
  const buckets = new TokenBuckets({ tokensPerMinute: 60_000, burst: 2 });
  buckets.take("a", 0);
  expect([1, 2, 3].map(() => buckets.take("a", 1_000_000))).toEqual([0, 0, 1]);
});

describe("what is remembered", () => {
  test("beyond the bound, the key that was quiet for longest is forgotten", () => {
    const buckets = new TokenBuckets({ tokensPerMinute: 1, burst: 1, keysMax: 2 });
    buckets.take("a", 0);
    buckets.take("b", 1);
    expect(buckets.take("a", 2)).toBe(59_998);
    buckets.take("c", 3);
    expect(buckets.size).toBe(2);
    expect(buckets.take("a", 4)).toBe(59_996);
    expect(buckets.take("b", 5)).toBe(0);
  });

  test("the bound is ten thousand keys unless it is given", () => {
    const buckets = new TokenBuckets({ tokensPerMinute: 60, burst: 1 });
    for (let key = 0; key < 10_000; key++) buckets.take(`k${key}`, 0);
    expect(["k0", "new", "k0", "k1"].map((key) => buckets.take(key, 0))).toEqual([1000, 0, 1000, 0]);
    expect(buckets.size).toBe(10_000);
  });

  test("keys that were quiet for more than ten minutes are dropped", () => {
    const buckets = new TokenBuckets({ tokensPerMinute: 60, burst: 10 });
    buckets.take("a", 0);
    buckets.take("b", 1);
    buckets.purge(600_000);
    expect(buckets.size).toBe(2);
    buckets.purge(600_001);
    expect(buckets.size).toBe(1);
  });

  test("a bucket that fills slowly is kept until it has had time to fill twice", () => {
    const buckets = new TokenBuckets({ tokensPerMinute: 1, burst: 10 });
    buckets.take("a", 0);
    buckets.purge(1_200_000);
    expect(buckets.size).toBe(1);
    buckets.purge(1_200_001);
    expect(buckets.size).toBe(0);
  });
});
