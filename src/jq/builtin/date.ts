import { fail } from "../failure.ts";
import { asNumber, asText, describe, isList, isNumber, type Json } from "../value.ts";
import { type Builtins, plain, withOne } from "./builtin.ts";
import { type BrokenTime, breakTime, epochMs, formatTime, parseTime } from "./time_text.ts";

function listOf(time: BrokenTime): Json {
  const { year, month, day, hours, minutes, seconds, weekday, yearday } = time;
  return [year, month, day, hours, minutes, seconds, weekday, yearday];
}

function gmtime(input: Json, name: string): Json {
  if (!isNumber(input)) throw fail(`${name}() requires a number`);
  const seconds = Number(input);
  // The range of dates that JavaScript knows.
  if (!(Math.abs(seconds) <= 8.64e12)) throw fail("error converting number of seconds since epoch to datetime");
  return listOf(breakTime(seconds));
}

function timeOf(input: Json, name: string): BrokenTime {
  if (!isList(input)) throw fail(`${name} requires array of 6 numbers`);
  const numbers = input.map((part) => (isNumber(part) ? Number(part) : Number.NaN));
  const [year = 0, month = 0, day = 1, hours = 0, minutes = 0, seconds = 0] = numbers;
  if (numbers.length < 6 || numbers.some(Number.isNaN)) throw fail(`${name} requires parsed datetime inputs`);
  const whole = { year, month, day, hours, minutes, seconds: Math.floor(seconds), weekday: 0, yearday: 0 };
  const { weekday, yearday } = breakTime(epochMs(whole) / 1000);
  return { ...whole, weekday, yearday };
}

function strftime(input: Json, format: Json, name: string): Json {
  const broken = isNumber(input) ? gmtime(input, name) : input;
  if (!isList(broken)) throw fail(`${name}/1 requires parsed datetime inputs`);
  if (typeof format !== "string") throw fail(`${name}/1 requires a string format`);
  return formatTime(timeOf(broken, `${name}/1`), format);
}

function strptime(input: Json, format: Json): Json {
  if (typeof input !== "string") throw fail(`strptime/1 requires string inputs and arguments`);
  const text = asText(format, "is not a format of times");
  const time = parseTime(input, text);
  if (time === undefined) throw fail(`date "${input}" does not match format "${text}"`);
  return listOf(time);
}

const iso = "%Y-%m-%dT%H:%M:%SZ";

function mktime(input: Json): Json {
  return Math.floor(epochMs(timeOf(input, "mktime")) / 1000);
}

/** Epoch seconds of an RFC 3339 time in UTC; a fraction of a second is kept. */
function fromDate(input: Json): Json {
  const text = typeof input === "string" ? input : "";
  const fraction = /:\d{2}(\.\d+)Z$/.exec(text)?.[1];
  if (fraction === undefined) return mktime(strptime(input, iso));
  return asNumber(mktime(strptime(text.replace(`${fraction}Z`, "Z"), iso)), describe(input)) + Number(fraction);
}

/** Filters on times. All times are in UTC. */
export const dateBuiltins: Builtins = {
  "gmtime/0": plain((input) => gmtime(input, "gmtime")),
  "localtime/0": plain((input) => gmtime(input, "localtime")),
  "mktime/0": plain(mktime),
  "strftime/1": withOne((input, format) => strftime(input, format, "strftime")),
  "strflocaltime/1": withOne((input, format) => strftime(input, format, "strflocaltime")),
  "strptime/1": withOne(strptime),
  "todate/0": plain((input) => strftime(input, iso, "strftime")),
  "todateiso8601/0": plain((input) => strftime(input, iso, "strftime")),
  "date/0": plain((input) => strftime(input, iso, "strftime")),
  "fromdate/0": plain(fromDate),
  "fromdateiso8601/0": plain(fromDate),
};
