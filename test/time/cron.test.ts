import { describe, expect, test } from "bun:test";
import { parseCron } from "../../src/time/cron.ts";

function ticks(expression: string, from: string, count: number, timezone?: string): string[] {
  const cron = parseCron(expression, timezone);
  const found: string[] = [];
  let at: number | undefined = Date.parse(from);
  while (found.length < count) {
    at = cron.next(at);
    if (at === undefined) break;
    found.push(new Date(at).toISOString().replace(":00.000Z", "Z"));
  }
  return found;
}

describe("next ticks in UTC after Saturday 2026-02-28 23:58:30", () => {
  test.each<[string, string[]]>([
    ["* * * * *", ["2026-02-28T23:59Z", "2026-03-01T00:00Z"]],
    ["*/20 * * * *", ["2026-03-01T00:00Z", "2026-03-01T00:20Z", "2026-03-01T00:40Z", "2026-03-01T01:00Z"]],
    ["5,10-12,50-59/5 * * * *", ["2026-03-01T00:05Z", "2026-03-01T00:10Z", "2026-03-01T00:11Z", "2026-03-01T00:12Z"]],
    ["30 2 * * *", ["2026-03-01T02:30Z", "2026-03-02T02:30Z"]],
    ["0 9 * * 1-5", ["2026-03-02T09:00Z", "2026-03-03T09:00Z"]],
    ["0 9 * * MON-fri", ["2026-03-02T09:00Z", "2026-03-03T09:00Z"]],
    ["0 0 * * 0", ["2026-03-01T00:00Z", "2026-03-08T00:00Z"]],
    ["0 0 * * 7", ["2026-03-01T00:00Z", "2026-03-08T00:00Z"]],
    ["0 0 * * 6-7", ["2026-03-01T00:00Z", "2026-03-07T00:00Z", "2026-03-08T00:00Z"]],
    ["0 0 1 jan,Jul *", ["2026-07-01T00:00Z", "2027-01-01T00:00Z"]],
    ["0 0 29 2 *", ["2028-02-29T00:00Z", "2032-02-29T00:00Z"]],
    ["0 0 31 * *", ["2026-03-31T00:00Z", "2026-05-31T00:00Z"]],
    ["0 0 15 * 1", ["2026-03-02T00:00Z", "2026-03-09T00:00Z", "2026-03-15T00:00Z"]],
    ["  0   0 1 1 *  ", ["2027-01-01T00:00Z"]],
    ["*/15 * * * * *", ["2026-02-28T23:58:45.000Z", "2026-02-28T23:59Z", "2026-02-28T23:59:15.000Z"]],
    ["@hourly", ["2026-03-01T00:00Z", "2026-03-01T01:00Z"]],
    ["@daily", ["2026-03-01T00:00Z", "2026-03-02T00:00Z"]],
    ["@midnight", ["2026-03-01T00:00Z", "2026-03-02T00:00Z"]],
    ["@Weekly", ["2026-03-01T00:00Z", "2026-03-08T00:00Z"]],
    ["@monthly", ["2026-03-01T00:00Z", "2026-04-01T00:00Z"]],
    ["@yearly", ["2027-01-01T00:00Z"]],
    ["@annually", ["2027-01-01T00:00Z"]],
    ["@every 5m", ["2026-03-01T00:00Z", "2026-03-01T00:05Z"]],
    ["@every 1h30m", ["2026-03-01T00:00Z", "2026-03-01T01:30Z"]],
    ["@every 10s", ["2026-02-28T23:58:40.000Z", "2026-02-28T23:58:50.000Z", "2026-02-28T23:59Z"]],
  ])("%s", (expression, expected) => {
    expect(ticks(expression, "2026-02-28T23:58:30Z", expected.length, "UTC")).toEqual(expected);
  });
});

describe("a tick is strictly after the given instant", () => {
  const minutely = parseCron("* * * * *", "UTC");
  test.each<[number, number]>([
    [0, 60_000],
    [59_999, 60_000],
    [59_999.5, 60_000],
    [60_000, 120_000],
    [60_001, 120_000],
  ])("after %p ms comes %p", (after, next) => expect(minutely.next(after)).toBe(next));

  test("of an interval too", () => {
    const every = parseCron("@every 250ms");
    expect([every.next(0), every.next(249), every.next(250), every.next(-1)]).toEqual([250, 250, 500, 0]);
  });
});

describe("daylight saving in Berlin", () => {
  test("a fixed time in the gap runs right after it, once", () => {
    expect(ticks("30 2 * * *", "2026-03-28T12:00:00Z", 2, "Europe/Berlin")).toEqual([
      "2026-03-29T01:00Z",
      "2026-03-30T00:30Z",
    ]);
  });

  test("a fixed time that comes twice runs the first time", () => {
    expect(ticks("30 2 * * *", "2026-10-24T12:00:00Z", 2, "Europe/Berlin")).toEqual([
      "2026-10-25T00:30Z",
      "2026-10-26T01:30Z",
    ]);
  });

  test("an interval keeps its pace over the gap", () => {
    expect(ticks("*/30 * * * *", "2026-03-29T00:15:00Z", 4, "Europe/Berlin")).toEqual([
      "2026-03-29T00:30Z",
      "2026-03-29T01:00Z",
      "2026-03-29T01:30Z",
      "2026-03-29T02:00Z",
    ]);
  });

  test("an interval keeps its pace over the hour that comes twice", () => {
    expect(ticks("30 * * * *", "2026-10-24T23:45:00Z", 3, "Europe/Berlin")).toEqual([
      "2026-10-25T00:30Z",
      "2026-10-25T01:30Z",
      "2026-10-25T02:30Z",
    ]);
  });
});

describe("time zones", () => {
  const noon = "0 12 * * *";
  test.each<[string, string | undefined, string]>([
    [noon, "Asia/Kolkata", "2026-06-01T06:30Z"],
    [`CRON_TZ=America/New_York ${noon}`, undefined, "2026-06-01T16:00Z"],
    [`TZ=America/New_York ${noon}`, "Asia/Kolkata", "2026-06-01T16:00Z"],
    ["TZ=UTC @daily", "Asia/Kolkata", "2026-06-02T00:00Z"],
  ])("%s with default %p", (expression, timezone, expected) => {
    expect(ticks(expression, "2026-06-01T00:00:00Z", 1, timezone)).toEqual([expected]);
  });

  test("without a zone, times are local", () => {
    const next = parseCron("0 12 * * *").next(Date.parse("2026-06-01T00:00:00Z"));
    expect(new Date(next ?? Number.NaN).getHours()).toBe(12);
  });
});

test("the text is kept as it was written", () => expect(parseCron("TZ=UTC  @daily").text).toBe("TZ=UTC  @daily"));

describe("refusals", () => {
  test.each([
    ["", "expected 5 fields, got 0"],
    ["* * * *", "expected 5 fields, got 4"],
    ["* * * * * * *", "expected 5 fields, got 7"],
    ["60 * * * *", 'field 1 ("60"): a minute must be 0-59, with *, */n, a-b, a-b/n or a comma list of these'],
    ["* 24 * * *", 'field 2 ("24"): an hour must be 0-23, with *, */n, a-b, a-b/n or a comma list of these'],
    ["* * 0 * *", 'field 3 ("0"): a day of the month must be 1-31, with *, */n, a-b, a-b/n or a comma list of these'],
    ["* * * 13 *", 'field 4 ("13"): a month must be 1-12 or jan-dec, with *, */n, a-b, a-b/n or a comma list of these'],
    [
      "* * * * funday",
      'field 5 ("funday"): a day of the week must be 0-7 or sun-sat, with *, */n, a-b, a-b/n or a comma list of these',
    ],
    ["61 * * * * *", 'field 1 ("61"): a second must be 0-59, with *, */n, a-b, a-b/n or a comma list of these'],
    ["* 61 * * * *", 'field 2 ("61"): a minute must be 0-59, with *, */n, a-b, a-b/n or a comma list of these'],
    ["5-1 * * * *", 'field 1 ("5-1"): a minute must be 0-59, with *, */n, a-b, a-b/n or a comma list of these'],
    ["*/0 * * * *", 'field 1 ("*/0"): a minute must be 0-59, with *, */n, a-b, a-b/n or a comma list of these'],
    ["1,,2 * * * *", 'field 1 ("1,,2"): a minute must be 0-59, with *, */n, a-b, a-b/n or a comma list of these'],
    ["a * * * *", 'field 1 ("a"): a minute must be 0-59, with *, */n, a-b, a-b/n or a comma list of these'],
    ["0 0 31 2 *", "it never fires, no such date exists"],
    ["0 0 30-31 feb *", "it never fires, no such date exists"],
    ["0 0 31 4,6,9,11 *", "it never fires, no such date exists"],
    [
      "@reboot",
      'unknown name "@reboot", use @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly or @every 5s',
    ],
    ["@every", 'invalid duration "": a number and a unit are missing'],
    ["@every 5", 'invalid duration "5": the number 5 needs a unit: ns, us, ms, s, m, h or d'],
    ["@every 0s", "the interval must be at least 1ms"],
    ["@every -5s", "the interval must be at least 1ms"],
    ["TZ=Nowhere/Land * * * * *", 'unknown time zone "Nowhere/Land", use a name such as "Europe/Paris" or "UTC"'],
    ["TZ= * * * * *", 'unknown time zone "", use a name such as "Europe/Paris" or "UTC"'],
  ])("%p", (expression, reason) => {
    expect(() => parseCron(expression)).toThrow(
      expect.objectContaining({
        code: "config.bad_cron",
        message: `invalid cron expression "${expression}": ${reason}`,
      }),
    );
  });

  test("a default zone that does not exist", () => {
    expect(() => parseCron("* * * * *", "Mars/Base")).toThrow('unknown time zone "Mars/Base"');
  });
});
