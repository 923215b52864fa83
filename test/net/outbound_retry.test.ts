import { expect, test } from "bun:test";
import { WorkflowError } from "../../src/error/error.ts";
import { TransportFailure } from "../../src/net/outbound.ts";
import {
  backoffMs,
  isPassingFailure,
  isPassingStatus,
  isRepeatable,
  retryAfterMs,
} from "../../src/net/outbound_retry.ts";
import { ManualClock } from "../harness/manual_clock.ts";

test.each([
  ["GET", {}, true],
  ["HEAD", {}, true],
  ["OPTIONS", {}, true],
  ["PUT", {}, true],
  ["DELETE", {}, true],
  ["POST", {}, false],
  ["PATCH", {}, false],
  ["POST", { "Idempotency-Key": "k" }, true],
])("a %s with %p may be sent twice: %p", (method, headers, expected) => {
  expect(isRepeatable(method, new Headers(headers))).toBe(expected);
});

test("six statuses may pass", () => {
  const passing = Array.from({ length: 600 }, (_, status) => status).filter(isPassingStatus);
  expect(passing).toEqual([408, 425, 429, 502, 503, 504]);
});

test("failures of the transport may pass, also when context was added", () => {
  const lost = new TransportFailure("lost", undefined);
  expect(isPassingFailure(lost)).toBe(true);
  expect(isPassingFailure(new WorkflowError("step.upstream", "request failed: lost", { cause: lost }))).toBe(true);
  expect(isPassingFailure(new WorkflowError("step.upstream", "too large"))).toBe(false);
});

test.each([
  [1, 0, 500],
  [1, 0.5, 750],
  [2, 0, 1000],
  [3, 0, 2000],
  [4, 0, 2500],
  [2000, 0, 2500],
])("the wait after attempt %i with the random number %p is %i ms", (attempt, random, expected) => {
  expect(backoffMs(attempt, { firstMs: 1000, maxMs: 5000, random: () => random })).toBe(expected);
});

test.each([
  ["0", 0],
  ["120", 120_000],
  [" 5 ", 5000],
  ["Thu, 01 Jan 1970 00:01:00 GMT", 60_000],
  ["Thu, 01 Jan 1970 00:00:00 GMT", 0],
  ["-5", undefined],
  ["1.5", undefined],
  ["soon", undefined],
  ["99999999999", undefined],
  ["Thu, 99 Foo", undefined],
  ["", undefined],
])("Retry-After: %s is %p ms", (value, expected) => {
  expect(retryAfterMs(new Headers({ "retry-after": value }), new ManualClock())).toBe(expected);
});

test("without Retry-After nothing is asked", () => {
  expect(retryAfterMs(new Headers(), new ManualClock())).toBeUndefined();
});
