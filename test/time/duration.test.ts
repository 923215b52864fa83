import { describe, expect, test } from "bun:test";
import { formatDuration, parseDuration } from "../../src/time/duration.ts";

test.each<[string, number]>([
  ["30s", 30_000],
  ["1h30m", 5_400_000],
  ["1h30m0s", 5_400_000],
  ["1.5s", 1_500],
  ["1.1s", 1_100],
  ["0.29s", 290],
  [".5s", 500],
  ["1.s", 1_000],
  ["250ms", 250],
  ["1500us", 1],
  ["999µs", 0],
  ["2000\u00b5s", 2],
  ["2000\u03bcs", 2],
  ["3000000ns", 3],
  ["2d", 172_800_000],
  ["1.5d", 129_600_000],
  ["1d12h", 129_600_000],
  ["0", 0],
  ["+0", 0],
  ["-0", 0],
  ["0s", 0],
  ["-5s", -5_000],
  ["+5s", 5_000],
  ["-1500us", -1],
  ["-1us", 0],
  ["30m1h", 5_400_000],
  ["0.000000001s", 0],
  ["106751d", 9_223_286_400_000],
])("duration %s is %i ms", (text, ms) => expect(parseDuration(text)).toBe(ms));

test.each([
  ["", "a number and a unit are missing"],
  ["-", "a number and a unit are missing"],
  ["30", "the number 30 needs a unit: ns, us, ms, s, m, h or d"],
  ["1h30", "the number 30 needs a unit: ns, us, ms, s, m, h or d"],
  ["1.5", "the number 1.5 needs a unit: ns, us, ms, s, m, h or d"],
  ["5 s", 'unknown unit " s", use ns, us, ms, s, m, h or d'],
  ["5sec", 'unknown unit "sec", use ns, us, ms, s, m, h or d'],
  ["5S", 'unknown unit "S", use ns, us, ms, s, m, h or d'],
  ["1w", 'unknown unit "w", use ns, us, ms, s, m, h or d'],
  ["s", 'expected a number before "s"'],
  [".s", 'expected a number before ".s"'],
  [".", 'expected a number before "."'],
  ["1..5s", "the number 1. needs a unit: ns, us, ms, s, m, h or d"],
  ["--5s", 'expected a number before "-"'],
  ["1e3s", 'unknown unit "e", use ns, us, ms, s, m, h or d'],
  ["106752d", "longer than about 292 years"],
  ["9999999999999999999h", "longer than about 292 years"],
])("duration %p is refused", (text, reason) => {
  expect(() => parseDuration(text)).toThrow(
    expect.objectContaining({
      code: "config.bad_duration",
      message: `invalid duration ${JSON.stringify(text)}: ${reason}`,
      hint: 'write for example "30s", "1h30m" or "250ms"',
    }),
  );
});

test("a very long text is refused without being read or repeated", () => {
  expect(() => parseDuration(`${"9".repeat(1_000_000)}s`)).toThrow(
    'invalid duration "99999999999999999999…": longer than 100 characters',
  );
});

describe("durations print as Go prints them", () => {
  test.each<[number, string]>([
    [0, "0s"],
    [-0, "0s"],
    [0.000001, "1ns"],
    [0.0000001, "0s"],
    [0.25, "250µs"],
    [0.0015, "1.5µs"],
    [1, "1ms"],
    [1.23, "1.23ms"],
    [999.999999, "999.999999ms"],
    [999.9999999, "1s"],
    [1_000, "1s"],
    [1_500, "1.5s"],
    [1_000.000001, "1.000000001s"],
    [59_999.9999999, "1m0s"],
    [60_000, "1m0s"],
    [90_500, "1m30.5s"],
    [5_400_000, "1h30m0s"],
    [86_400_000, "24h0m0s"],
    [9_223_286_400_000, "2562024h0m0s"],
    [-1_500, "-1.5s"],
    [-0.25, "-250µs"],
  ])("%p ms is %s", (ms, text) => expect(formatDuration(ms)).toBe(text));
});
