import { WorkflowError } from "../error/error.ts";

const unitNs: ReadonlyMap<string, bigint> = new Map([
  ["ns", 1n],
  ["us", 1_000n],
  ["µs", 1_000n], // U+00B5, the micro sign
  ["μs", 1_000n], // U+03BC, the Greek letter
  ["ms", 1_000_000n],
  ["s", 1_000_000_000n],
  ["m", 60_000_000_000n],
  ["h", 3_600_000_000_000n],
  ["d", 86_400_000_000_000n],
]);

// Go holds a duration in 64 bits of nanoseconds, about 292 years.
const nsMax = 2n ** 63n - 1n;
// Far longer than any duration a person writes; bounds the work on hostile input.
const lengthMax = 100;
const part = /([0-9]*)(\.[0-9]*)?([^0-9.]*)/y;

/**
 * Parses a Go duration ("1h30m", "-1.5s", "250ms", "0") to whole milliseconds, rounding towards zero. Throws
 * `config.bad_duration`. Syntax: Go's `time.ParseDuration`, plus the unit "d" of 24 hours.
 */
export function parseDuration(text: string): number {
  if (text.length > lengthMax) throw badDuration(`${text.slice(0, 20)}…`, `longer than ${lengthMax} characters`);
  const isNegative = text.startsWith("-");
  const unsigned = isNegative || text.startsWith("+") ? text.slice(1) : text;
  if (unsigned === "0") return 0;
  if (unsigned === "") throw badDuration(text, "a number and a unit are missing");
  const ms = Number(sumNs(text, unsigned) / 1_000_000n);
  return isNegative && ms !== 0 ? -ms : ms;
}

/** Adds up the parts in nanoseconds. Integers, because 64-bit floats cannot hold "1.1s" or 100 days exactly. */
function sumNs(text: string, unsigned: string): bigint {
  let total = 0n;
  part.lastIndex = 0;
  while (part.lastIndex < unsigned.length) {
    const [, whole = "", point = "", unit = ""] = part.exec(unsigned) ?? [];
    const fraction = point.slice(1);
    const number = whole + point;
    if (whole === "" && fraction === "") throw badDuration(text, `expected a number before "${number}${unit}"`);
    if (unit === "") throw badDuration(text, `the number ${number} needs a unit: ns, us, ms, s, m, h or d`);
    const size = unitNs.get(unit);
    if (size === undefined) throw badDuration(text, `unknown unit "${unit}", use ns, us, ms, s, m, h or d`);
    total += BigInt(whole) * size + (BigInt(fraction) * size) / 10n ** BigInt(fraction.length);
    if (total > nsMax) throw badDuration(text, "longer than about 292 years");
  }
  return total;
}

function badDuration(text: string, reason: string): WorkflowError {
  return new WorkflowError("config.bad_duration", `invalid duration ${JSON.stringify(text)}: ${reason}`);
}

/**
 * Prints finite milliseconds, which may have a fraction down to nanoseconds, the way Go prints a duration: "1h30m0s",
 * "1.5s", "1.23ms", "250µs", "0s".
 */
export function formatDuration(ms: number): string {
  const size = Math.abs(ms);
  let seconds = Math.floor(size / 1_000);
  // Taken off before multiplying, so that long durations keep their nanoseconds.
  let ns = Math.round((size - seconds * 1_000) * 1_000_000);
  if (ns === 1_000_000_000) {
    seconds++;
    ns = 0;
  }
  const text = seconds === 0 ? formatBelowSecond(ns) : formatFromSecond(seconds, ns);
  return ms < 0 && text !== "0s" ? `-${text}` : text;
}

function formatBelowSecond(ns: number): string {
  if (ns === 0) return "0s";
  if (ns < 1_000) return `${ns}ns`;
  const us = Math.floor(ns / 1_000);
  if (us < 1_000) return `${us}${afterPoint(ns % 1_000, 0)}µs`;
  return `${Math.floor(us / 1_000)}${afterPoint(us % 1_000, ns % 1_000)}ms`;
}

// Every line of a request log has a duration: looking digits up takes half of what padding and trimming them takes.
const padded: readonly string[] = Array.from({ length: 1_000 }, (_, number) => String(number).padStart(3, "0"));
const trimmed: readonly string[] = padded.map((digits) => digits.replace(/0+$/, ""));

/** The point and the digits of thousandths and millionths, without zeros at the end; nothing for none. */
function afterPoint(thousandths: number, millionths: number): string {
  if (millionths !== 0) return `.${padded[thousandths] ?? ""}${trimmed[millionths] ?? ""}`;
  return thousandths === 0 ? "" : `.${trimmed[thousandths] ?? ""}`;
}

function formatFromSecond(seconds: number, ns: number): string {
  const rest = `${withFraction(seconds % 60, ns, 9)}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes === 0) return rest;
  const hours = Math.floor(minutes / 60);
  return hours === 0 ? `${minutes}m${rest}` : `${hours}h${minutes % 60}m${rest}`;
}

function withFraction(whole: number, fraction: number, digits: number): string {
  if (fraction === 0) return String(whole);
  return `${whole}.${String(fraction).padStart(digits, "0").replace(/0+$/, "")}`;
}
