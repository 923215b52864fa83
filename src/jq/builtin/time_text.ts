import { dayNames as days, monthNames as months } from "../../time/calendar.ts";

/** A time taken apart, as `gmtime` gives it: months and days of the week and year count from 0. */
export interface BrokenTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hours: number;
  readonly minutes: number;
  readonly seconds: number;
  readonly weekday: number;
  readonly yearday: number;
}

const dayMs = 86_400_000;

/** Epoch milliseconds of a time in UTC. */
export function epochMs({ year, month, day, hours, minutes, seconds }: BrokenTime): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month, day);
  date.setUTCHours(hours, minutes, seconds, 0);
  return date.getTime();
}

/** Takes a time in UTC apart. Seconds keep their fraction. */
export function breakTime(seconds: number): BrokenTime {
  const date = new Date(Math.floor(seconds) * 1000);
  const year = date.getUTCFullYear();
  return {
    year,
    month: date.getUTCMonth(),
    day: date.getUTCDate(),
    hours: date.getUTCHours(),
    minutes: date.getUTCMinutes(),
    seconds: date.getUTCSeconds() + (seconds - Math.floor(seconds)),
    weekday: date.getUTCDay(),
    yearday: Math.floor((date.getTime() - Date.UTC(year, 0, 1)) / dayMs),
  };
}

function pad(value: number, width: number, fill = "0"): string {
  return String(value).padStart(width, fill);
}

/** Year and number of the week by ISO 8601: weeks begin on Monday, the first has the year's first Thursday. */
function isoWeek(time: BrokenTime): { year: number; week: number } {
  const thursday = breakTime((epochMs(time) + (3 - ((time.weekday + 6) % 7)) * dayMs) / 1000);
  return { year: thursday.year, week: Math.floor(thursday.yearday / 7) + 1 };
}

type Write = (time: BrokenTime) => string;

const writers: Readonly<Record<string, Write>> = {
  Y: ({ year }) => String(year),
  C: ({ year }) => pad(Math.floor(year / 100), 2),
  y: ({ year }) => pad(((year % 100) + 100) % 100, 2),
  m: ({ month }) => pad(month + 1, 2),
  d: ({ day }) => pad(day, 2),
  e: ({ day }) => pad(day, 2, " "),
  H: ({ hours }) => pad(hours, 2),
  k: ({ hours }) => pad(hours, 2, " "),
  I: ({ hours }) => pad(hours % 12 || 12, 2),
  l: ({ hours }) => pad(hours % 12 || 12, 2, " "),
  M: ({ minutes }) => pad(minutes, 2),
  S: ({ seconds }) => pad(Math.floor(seconds), 2),
  Z: () => "UTC",
  z: () => "+0000",
  a: ({ weekday }) => days[weekday]?.slice(0, 3) ?? "?",
  A: ({ weekday }) => days[weekday] ?? "?",
  b: ({ month }) => months[month]?.slice(0, 3) ?? "?",
  h: ({ month }) => months[month]?.slice(0, 3) ?? "?",
  B: ({ month }) => months[month] ?? "?",
  j: ({ yearday }) => pad(yearday + 1, 3),
  p: ({ hours }) => (hours < 12 ? "AM" : "PM"),
  P: ({ hours }) => (hours < 12 ? "am" : "pm"),
  s: (time) => String(Math.floor(epochMs(time) / 1000)),
  u: ({ weekday }) => String(weekday || 7),
  w: ({ weekday }) => String(weekday),
  U: ({ yearday, weekday }) => pad(Math.floor((yearday + 7 - weekday) / 7), 2),
  W: ({ yearday, weekday }) => pad(Math.floor((yearday + 7 - ((weekday + 6) % 7)) / 7), 2),
  V: (time) => pad(isoWeek(time).week, 2),
  G: (time) => String(isoWeek(time).year),
  g: (time) => pad(isoWeek(time).year % 100, 2),
  n: () => "\n",
  t: () => "\t",
  "%": () => "%",
};

const shorthands: Readonly<Record<string, string>> = {
  D: "%m/%d/%y",
  x: "%m/%d/%y",
  F: "%Y-%m-%d",
  T: "%H:%M:%S",
  X: "%H:%M:%S",
  R: "%H:%M",
  r: "%I:%M:%S %p",
  c: "%a %b %e %H:%M:%S %Y",
};

function expand(format: string): string {
  return format.replace(/%([A-Za-z%])/g, (found, letter: string) => shorthands[letter] ?? found);
}

/** Writes a time as C's strftime does in the C locale. Unknown directives stay as they are. */
export function formatTime(time: BrokenTime, format: string): string {
  return expand(format).replace(/%([A-Za-z%])/g, (found, letter: string) =>
    Object.hasOwn(writers, letter) ? (writers[letter]?.(time) ?? found) : found,
  );
}

interface Draft {
  year: number;
  month: number;
  day: number;
  hours: number;
  minutes: number;
  seconds: number;
  isAfternoon: boolean | undefined;
  yearday: number | undefined;
  epoch: number | undefined;
}

type Store = (draft: Draft, text: string) => void;

function nameIndex(names: readonly string[], text: string): number {
  return names.findIndex((name) => name.slice(0, 3).toLowerCase() === text.slice(0, 3).toLowerCase());
}

const dayNames = days.flatMap((name) => [name, name.slice(0, 3)]).join("|");
const monthNames = months.flatMap((name) => [name, name.slice(0, 3)]).join("|");
const ignore: Store = () => undefined;
const setMonth: Store = (draft, text) => {
  draft.month = nameIndex(months, text);
};
const setHours: Store = (draft, text) => {
  draft.hours = Number(text);
};
const setDay: Store = (draft, text) => {
  draft.day = Number(text);
};

const readers: Readonly<Record<string, readonly [string, Store]>> = {
  Y: ["[+-]?\\d{1,4}", (draft, text) => (draft.year = Number(text))],
  y: ["\\d{1,2}", (draft, text) => (draft.year = Number(text) + (Number(text) < 69 ? 2000 : 1900))],
  m: ["\\d{1,2}", (draft, text) => (draft.month = Number(text) - 1)],
  d: ["\\s*\\d{1,2}", setDay],
  e: ["\\s*\\d{1,2}", setDay],
  H: ["\\s*\\d{1,2}", setHours],
  k: ["\\s*\\d{1,2}", setHours],
  I: ["\\s*\\d{1,2}", setHours],
  l: ["\\s*\\d{1,2}", setHours],
  M: ["\\d{1,2}", (draft, text) => (draft.minutes = Number(text))],
  S: ["\\d{1,2}", (draft, text) => (draft.seconds = Number(text))],
  p: ["[AaPp][Mm]", (draft, text) => (draft.isAfternoon = /^p/i.test(text))],
  a: [dayNames, ignore],
  A: [dayNames, ignore],
  b: [monthNames, setMonth],
  B: [monthNames, setMonth],
  h: [monthNames, setMonth],
  j: ["\\d{1,3}", (draft, text) => (draft.yearday = Number(text))],
  Z: ["[A-Za-z]+", ignore],
  z: ["Z|[+-]\\d{2}:?\\d{2}", ignore],
  s: ["-?\\d+", (draft, text) => (draft.epoch = Number(text))],
  u: ["\\d", ignore],
  w: ["\\d", ignore],
  n: ["\\s*", ignore],
  t: ["\\s*", ignore],
  "%": ["%", ignore],
};

/** Reads a time as C's strptime does; undefined when the text has another form. The zone is read and not used. */
export function parseTime(text: string, format: string): BrokenTime | undefined {
  const stores: Store[] = [];
  const pattern = expand(format).replace(/%([A-Za-z%])|(\s+)|([^]?)/g, (found, letter?: string, blank?: string) => {
    if (blank !== undefined) return "\\s*";
    const reader = letter === undefined || !Object.hasOwn(readers, letter) ? undefined : readers[letter];
    if (reader === undefined) return found.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
    stores.push(reader[1]);
    return `(${reader[0]})`;
  });
  const match = new RegExp(`^${pattern}$`, "i").exec(text);
  if (match === null) return undefined;
  const start = { year: 1900, month: 0, day: 1, hours: 0, minutes: 0, seconds: 0 };
  const draft: Draft = { ...start, isAfternoon: undefined, yearday: undefined, epoch: undefined };
  for (const [index, store] of stores.entries()) store(draft, match[index + 1] ?? "");
  return complete(draft);
}

function complete(draft: Draft): BrokenTime | undefined {
  if (draft.epoch !== undefined) return breakTime(draft.epoch);
  const { isAfternoon, yearday } = draft;
  const hours = isAfternoon === undefined ? draft.hours : (draft.hours % 12) + (isAfternoon ? 12 : 0);
  const { year, minutes, seconds } = draft;
  const [month, day] = yearday === undefined ? [draft.month, draft.day] : [0, yearday];
  const isValid = month >= 0 && month < 12 && day >= 1 && day <= 366 && hours < 24 && minutes < 60 && seconds < 62;
  if (!isValid || (yearday === undefined && day > 31)) return undefined;
  const broken = { year, month, day, hours, minutes, seconds, weekday: 0, yearday: 0 };
  const { weekday, yearday: ordinal, ...rest } = breakTime(epochMs(broken) / 1000);
  return yearday === undefined ? { ...broken, weekday, yearday: ordinal } : { ...rest, weekday, yearday: ordinal };
}
