import { dayNames, monthNames } from "./calendar.ts";

/** A time zone as a Go layout prints it. */
export interface LayoutZone {
  /** Abbreviation for `MST`. */
  readonly name: string;
  /** Minutes east of UTC. */
  readonly offsetMinutes: number;
}

const utc: LayoutZone = { name: "UTC", offsetMinutes: 0 };

/** The layouts that Go's `time` package has names for. */
const namedLayouts: ReadonlyMap<string, string> = new Map([
  ["ANSIC", "Mon Jan _2 15:04:05 2006"],
  ["UnixDate", "Mon Jan _2 15:04:05 MST 2006"],
  ["RubyDate", "Mon Jan 02 15:04:05 -0700 2006"],
  ["RFC822", "02 Jan 06 15:04 MST"],
  ["RFC822Z", "02 Jan 06 15:04 -0700"],
  ["RFC850", "Monday, 02-Jan-06 15:04:05 MST"],
  ["RFC1123", "Mon, 02 Jan 2006 15:04:05 MST"],
  ["RFC1123Z", "Mon, 02 Jan 2006 15:04:05 -0700"],
  ["RFC3339", "2006-01-02T15:04:05Z07:00"],
  ["RFC3339Nano", "2006-01-02T15:04:05.999999999Z07:00"],
  ["Kitchen", "3:04PM"],
  ["Stamp", "Jan _2 15:04:05"],
  ["StampMilli", "Jan _2 15:04:05.000"],
  ["StampMicro", "Jan _2 15:04:05.000000"],
  ["StampNano", "Jan _2 15:04:05.000000000"],
  ["DateTime", "2006-01-02 15:04:05"],
  ["DateOnly", "2006-01-02"],
  ["TimeOnly", "15:04:05"],
]);

/** The layout behind a name such as `RFC1123`; any other text is a layout itself. */
export function goLayoutNamed(name: string): string {
  return namedLayouts.get(name) ?? name;
}

/**
 * Formats a time by a Go reference layout: each part of `Mon Jan 2 15:04:05.000 MST 2006` and its variants stands for
 * that part of the time, other text for itself. Fractions of a millisecond in `epochMs` are kept to the nanosecond.
 */
export function formatGoTime(layout: string, epochMs: number, zone: LayoutZone = utc): string {
  const wholeMs = Math.floor(epochMs);
  const local = new Date(wholeMs + zone.offsetMinutes * 60_000);
  const nanoseconds = local.getUTCMilliseconds() * 1_000_000 + Math.round((epochMs - wholeMs) * 1_000_000);
  const time: LayoutTime = { local, nanoseconds, zone };
  let text = "";
  let at = 0;
  while (at < layout.length) {
    const start = at;
    const part = parts.find(
      ({ token, refuses }) => layout.startsWith(token, start) && refuses?.(layout, start) !== true,
    );
    const digits = part === undefined ? fractionDigits(layout, at) : 0;
    at += part?.token.length ?? digits + 1;
    if (part !== undefined) text += part.print(time);
    else text += digits > 0 ? printFraction(layout.slice(start, at), nanoseconds) : layout.charAt(start);
  }
  return text;
}

interface LayoutTime {
  readonly local: Date;
  readonly nanoseconds: number;
  readonly zone: LayoutZone;
}

interface LayoutPart {
  readonly token: string;
  /** Whether what follows shows that the token is just text. */
  readonly refuses?: (layout: string, at: number) => boolean;
  readonly print: (time: LayoutTime) => string;
}

const two = (value: number): string => String(value).padStart(2, "0");
const hour12 = ({ local }: LayoutTime): number => local.getUTCHours() % 12 || 12;
const half = ({ local }: LayoutTime): string => (local.getUTCHours() < 12 ? "AM" : "PM");
const monthName = ({ local }: LayoutTime): string => monthNames[local.getUTCMonth()] ?? "";
const dayName = ({ local }: LayoutTime): string => dayNames[local.getUTCDay()] ?? "";

function dayOfYear({ local }: LayoutTime): number {
  const midnight = Date.UTC(local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate());
  return Math.round((midnight - Date.UTC(local.getUTCFullYear(), 0, 1)) / 86_400_000) + 1;
}

/** "January" contains "Jan", but "Janus" is a word of its own. */
function wordGoesOn(layout: string, at: number): boolean {
  return /[a-z]/.test(layout.charAt(at + 3));
}

function year({ local }: LayoutTime): string {
  const value = local.getUTCFullYear();
  return value < 0 ? `-${String(-value).padStart(4, "0")}` : String(value).padStart(4, "0");
}

/** `-07:00` and its variants; with `Z` instead of the sign, UTC prints as `Z`. */
function offsetPart(token: string): LayoutPart {
  const separator = token.includes(":") ? ":" : "";
  const fields = token.slice(1).replaceAll(":", "").length / 2;
  return {
    token,
    print: ({ zone: { offsetMinutes } }) => {
      if (token.startsWith("Z") && offsetMinutes === 0) return "Z";
      const size = Math.abs(offsetMinutes);
      const shown = [two(Math.floor(size / 60)), two(size % 60), "00"].slice(0, fields);
      return (offsetMinutes < 0 ? "-" : "+") + shown.join(separator);
    },
  };
}

/** In the order of trial: a longer token stands before the shorter one it begins with. */
const parts: readonly LayoutPart[] = [
  { token: "January", print: monthName },
  { token: "Jan", refuses: wordGoesOn, print: (time) => monthName(time).slice(0, 3) },
  { token: "Monday", print: dayName },
  { token: "Mon", refuses: wordGoesOn, print: (time) => dayName(time).slice(0, 3) },
  { token: "MST", print: ({ zone }) => zone.name },
  { token: "002", print: (time) => String(dayOfYear(time)).padStart(3, "0") },
  { token: "01", print: ({ local }) => two(local.getUTCMonth() + 1) },
  { token: "02", print: ({ local }) => two(local.getUTCDate()) },
  { token: "03", print: (time) => two(hour12(time)) },
  { token: "04", print: ({ local }) => two(local.getUTCMinutes()) },
  { token: "05", print: ({ local }) => two(local.getUTCSeconds()) },
  { token: "06", print: (time) => year(time).slice(-2) },
  { token: "15", print: ({ local }) => two(local.getUTCHours()) },
  { token: "1", print: ({ local }) => String(local.getUTCMonth() + 1) },
  { token: "2006", print: year },
  { token: "2", print: ({ local }) => String(local.getUTCDate()) },
  // In "_2006" the underscore is text before a year.
  { token: "_2006", print: (time) => `_${year(time)}` },
  { token: "__2", print: (time) => String(dayOfYear(time)).padStart(3, " ") },
  { token: "_2", print: ({ local }) => String(local.getUTCDate()).padStart(2, " ") },
  { token: "3", print: (time) => String(hour12(time)) },
  { token: "4", print: ({ local }) => String(local.getUTCMinutes()) },
  { token: "5", print: ({ local }) => String(local.getUTCSeconds()) },
  { token: "PM", print: half },
  { token: "pm", print: (time) => half(time).toLowerCase() },
  ...["Z07:00:00", "Z070000", "Z07:00", "Z0700", "Z07"].map(offsetPart),
  ...["-07:00:00", "-070000", "-07:00", "-0700", "-07"].map(offsetPart),
];

/** Length of the run of zeros or nines after a point or comma; 0 when it is no fraction of a second. */
function fractionDigits(layout: string, at: number): number {
  const digit = layout.charAt(at + 1);
  if (!".,".includes(layout.charAt(at)) || (digit !== "0" && digit !== "9")) return 0;
  let end = at + 1;
  while (layout[end] === digit) end++;
  // Digits of another kind behind the run belong to a token of their own, as in ".0004".
  return /[0-9]/.test(layout.charAt(end)) ? 0 : end - at - 1;
}

/** `.000` keeps its digits, `.999` drops trailing zeros, and with them the point. */
function printFraction(token: string, nanoseconds: number): string {
  const digits = String(nanoseconds)
    .padStart(9, "0")
    .padEnd(token.length - 1, "0")
    .slice(0, token.length - 1);
  if (token[1] === "0") return token.charAt(0) + digits;
  const kept = digits.replace(/0+$/, "");
  return kept === "" ? "" : token.charAt(0) + kept;
}
