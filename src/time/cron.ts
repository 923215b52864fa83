import { Cron as CronerPattern } from "croner";
import { messageOf, WorkflowError } from "../error/error.ts";
import { formatDuration, parseDuration } from "./duration.ts";

/** A parsed schedule. It holds no timer: whoever runs it asks for the next tick. */
export interface Cron {
  /** The expression as it was written. */
  readonly text: string;
  /** Epoch milliseconds of the first tick after the given instant, or undefined when there is none. */
  next(afterEpochMs: number): number | undefined;
}

const nicknames: ReadonlyMap<string, string> = new Map([
  ["@yearly", "0 0 1 1 *"],
  ["@annually", "0 0 1 1 *"],
  ["@monthly", "0 0 1 * *"],
  ["@weekly", "0 0 * * 0"],
  ["@daily", "0 0 * * *"],
  ["@midnight", "0 0 * * *"],
  ["@hourly", "0 * * * *"],
]);

const fieldRules = [
  "a second must be 0-59",
  "a minute must be 0-59",
  "an hour must be 0-23",
  "a day of the month must be 1-31",
  "a month must be 1-12 or jan-dec",
  "a day of the week must be 0-7 or sun-sat",
] as const;

/**
 * Parses a cron expression: five fields, six with seconds in front, `@hourly` and its kin, or `@every 5s`. A prefix
 * `CRON_TZ=Zone ` or `TZ=Zone ` names a time zone and wins over `timezone`; with neither, times are local. A fixed time
 * that daylight saving skips runs right after the gap, and one that comes twice runs the first time; other expressions
 * keep their pace. Throws `config.bad_cron`, also for an expression that never fires.
 */
export function parseCron(expression: string, timezone?: string): Cron {
  const [, prefixZone, body = ""] = /^\s*(?:(?:CRON_)?TZ=(\S*)\s+)?(.*?)\s*$/s.exec(expression) ?? [];
  const zone = prefixZone ?? timezone;
  if (zone !== undefined) checkZone(expression, zone);
  if (/^@every\b/.test(body)) return parseEvery(expression, body.slice("@every".length).trim());
  return parseFields(expression, body, zone);
}

function parseFields(expression: string, body: string, zone: string | undefined): Cron {
  const known = nicknames.get(body.toLowerCase());
  if (known === undefined && body.startsWith("@")) {
    throw badCron(expression, `unknown name "${body}", use ${[...nicknames.keys()].join(", ")} or @every 5s`);
  }
  const fields = (known ?? body).split(/\s+/).filter((field) => field !== "");
  if (fields.length !== 5 && fields.length !== 6) {
    throw badCron(expression, `expected 5 fields, got ${fields.length}`);
  }
  fields.forEach((field, index) => checkField(expression, field, index, fields.length));
  const pattern = compile(fields.join(" "), zone);
  // From a fixed instant, so that the answer depends on the expression alone.
  if (pattern.nextRun(new Date(0)) === null) throw badCron(expression, "it never fires, no such date exists");
  return {
    text: expression,
    next: (afterEpochMs) => pattern.nextRun(new Date(afterEpochMs))?.getTime(),
  };
}

/** Without a function and paused, croner sets no timer: only its parser and its calendar are used. */
function compile(pattern: string, zone: string | undefined): CronerPattern {
  return new CronerPattern(pattern, {
    paused: true,
    mode: "5-or-6-parts",
    ...(zone === undefined ? {} : { timezone: zone }),
  });
}

/** Tries one field among wildcards, so that the message can name it. */
function checkField(expression: string, field: string, index: number, count: number): void {
  const trial = Array.from({ length: count }, (_, at) => (at === index ? field : "*")).join(" ");
  try {
    compile(trial, "UTC");
  } catch (cause) {
    const rule = fieldRules[index + 6 - count] ?? messageOf(cause);
    const reason = `field ${index + 1} ("${field}"): ${rule}, with *, */n, a-b, a-b/n or a comma list of these`;
    throw badCron(expression, reason, cause);
  }
}

function checkZone(expression: string, zone: string): void {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
  } catch (cause) {
    throw badCron(expression, `unknown time zone "${zone}", use a name such as "Europe/Paris" or "UTC"`, cause);
  }
}

/** Ticks at multiples of the interval since 1970, so that replicas and restarts agree on every tick. */
function parseEvery(expression: string, text: string): Cron {
  const everyMs = durationOf(expression, text);
  if (everyMs < 1) throw badCron(expression, `the interval must be at least ${formatDuration(1)}`);
  return {
    text: expression,
    next: (afterEpochMs) => (Math.floor(afterEpochMs / everyMs) + 1) * everyMs,
  };
}

function durationOf(expression: string, text: string): number {
  try {
    return parseDuration(text);
  } catch (cause) {
    throw badCron(expression, messageOf(cause), cause);
  }
}

function badCron(expression: string, reason: string, cause?: unknown): WorkflowError {
  return new WorkflowError("config.bad_cron", `invalid cron expression "${expression}": ${reason}`, { cause });
}
