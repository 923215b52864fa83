import { expect, test } from "bun:test";
import { formatGoTime, goLayoutNamed } from "../../src/time/go_layout.ts";

const sunday = Date.UTC(2026, 2, 1, 21, 37, 49, 120);

test.each([
  ["2006-01-02T15:04:05Z07:00", "2026-03-01T21:37:49Z"],
  ["06 1 01 Jan January", "26 3 03 Mar March"],
  ["2 02 _2 002 __2", "1 01  1 060  60"],
  ["_2006", "_2026"],
  ["15 3 03 PM pm", "21 9 09 PM pm"],
  ["4 04 5 05", "37 37 49 49"],
  ["Mon Monday", "Sun Sunday"],
  ["Mont Janus", "Mont Janus"],
  ["MST Z07 Z0700 Z07:00", "UTC Z Z Z"],
  ["-07 -0700 -07:00 -07:00:00 -070000", "+00 +0000 +00:00 +00:00:00 +000000"],
  ["05.000 05.999 05,000 05.9 05.00x", "49.120 49.12 49,120 49.1 49.12x"],
  [".0004 .000000000000", ".0037 .120000000000"],
  ["0 00 7 8 9 day h", "0 00 7 8 9 day h"],
  ["", ""],
])("the layout %j prints %j", (layout, expected) => expect(formatGoTime(layout, sunday)).toBe(expected));

test("a fraction of nines vanishes with its point when the second is whole", () => {
  expect(formatGoTime("05.999|05.000", Date.UTC(2026, 0, 1))).toBe("00|00.000");
});

test("parts of a millisecond show in longer fractions", () => {
  expect(formatGoTime("05.000000000", Date.UTC(2026, 0, 1) + 0.25)).toBe("00.000250000");
});

test("midnight and noon are 12 on a twelve-hour clock", () => {
  expect(formatGoTime("3:04PM", Date.UTC(2026, 0, 1, 0, 5))).toBe("12:05AM");
  expect(formatGoTime("3:04PM", Date.UTC(2026, 0, 1, 12, 5))).toBe("12:05PM");
});

test("another zone moves the clock and shows its offset", () => {
  const zone = { name: "CET", offsetMinutes: -330 };
  expect(formatGoTime("15:04 Z07:00 -0700 Z07 -07:00:00 MST", sunday, zone)).toBe(
    "16:07 -05:30 -0530 -05 -05:30:00 CET",
  );
});

test("a leap year has a day 366", () => {
  expect(formatGoTime("002", Date.UTC(2024, 11, 31))).toBe("366");
});

test("a name stands for its layout, anything else for itself", () => {
  expect(goLayoutNamed("DateOnly")).toBe("2006-01-02");
  expect(goLayoutNamed("2006")).toBe("2006");
  expect(goLayoutNamed("constructor")).toBe("constructor");
});
