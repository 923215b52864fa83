import { expect, test } from "bun:test";
import { formatRfc3339, formatRfc3339Nano } from "../../src/time/rfc3339.ts";

test.each<[number, string, string]>([
  [0, "1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"],
  [1_767_225_600_000, "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"],
  [1_767_225_600_100, "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.1Z"],
  [1_767_225_600_120, "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.12Z"],
  [1_767_225_610_003, "2026-01-01T00:00:10Z", "2026-01-01T00:00:10.003Z"],
  [1_767_225_600_999, "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.999Z"],
])("%i ms is %s, or %s with its fraction", (ms, seconds, nano) => {
  expect(formatRfc3339(ms)).toBe(seconds);
  expect(formatRfc3339Nano(ms)).toBe(nano);
});

test("an instant that no date can hold is refused", () => {
  expect(() => formatRfc3339(Number.NaN)).toThrow(RangeError);
  expect(() => formatRfc3339Nano(8.65e15)).toThrow(RangeError);
});
