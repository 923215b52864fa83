import { expect, test } from "bun:test";
import { TokenBuckets } from "../../../src/plugin/http/token_buckets.ts";

test("buckets of clients that were quiet for more than ten minutes are dropped", () => {
  const buckets = new TokenBuckets({ tokensPerMinute: 60, burst: 10, bucketsMax: 100 });
  buckets.take("a", 0);
  buckets.take("b", 1);
  buckets.purge(600_000);
  expect(buckets.size).toBe(2);
  buckets.purge(600_001);
  expect(buckets.size).toBe(1);
});

test("a bucket that fills slowly is kept until it has had time to fill twice", () => {
  const buckets = new TokenBuckets({ tokensPerMinute: 1, burst: 10, bucketsMax: 100 });
  buckets.take("a", 0);
  buckets.purge(1_200_000);
  expect(buckets.size).toBe(1);
  buckets.purge(1_200_001);
  expect(buckets.size).toBe(0);
});

test("beyond the bound, the client that was quiet for longest is forgotten", () => {
  const buckets = new TokenBuckets({ tokensPerMinute: 1, burst: 1, bucketsMax: 2 });
  buckets.take("a", 0);
  buckets.take("b", 1);
  expect(buckets.take("a", 2)).toBe(false);
  buckets.take("c", 3);
  expect(buckets.size).toBe(2);
  expect(buckets.take("a", 4)).toBe(false);
  expect(buckets.take("b", 5)).toBe(true);
});

test("a bucket never holds more than the burst", () => {
  const buckets = new TokenBuckets({ tokensPerMinute: 60_000, burst: 2, bucketsMax: 2 });
  buckets.take("a", 0);
  const taken = [1, 2, 3].map(() => buckets.take("a", 1_000_000));
  expect(taken).toEqual([true, true, false]);
});
