import { expect, test } from "bun:test";
import { Logger, LoggerCore, type LogLevel, type LogRecord, lineFormatter } from "../../src/log/logger.ts";

function recording(level: LogLevel) {
  const records: LogRecord[] = [];
  const core = new LoggerCore(level, [(record) => void records.push(record)]);
  return { log: new Logger(core), core, records };
}

test.each([
  ["debug", ["debug", "info", "warn", "error"]],
  ["info", ["info", "warn", "error"]],
  ["warn", ["warn", "error"]],
  ["error", ["error"]],
] as const)("at level %s these records pass: %j", (level, expected) => {
  const { log, records } = recording(level);
  log.debug("d");
  log.info("i");
  log.warn("w");
  log.error("e");
  expect(records.map((record) => record.level)).toEqual([...expected]);
  expect(log.isDebug).toBe(level === "debug");
  expect(log.isEnabled("info")).toBe(level === "debug" || level === "info");
});

test("children carry their attributes, and a record's own win", () => {
  const { log, records } = recording("info");
  const child = log.child({ module: "orders", run: 1 }).child({ run: 2 });
  child.info("x", { step: "a" });
  child.info("y", { module: "own" });
  log.info("z");
  expect(records.map(({ attributes }) => attributes)).toEqual([
    { module: "orders", run: 2, step: "a" },
    { module: "own", run: 2 },
    {},
  ]);
});

test("a subscriber gets records until it is removed", () => {
  const { log, core } = recording("info");
  const seen: string[] = [];
  const remove = core.subscribe(({ message }) => void seen.push(message));
  log.info("one");
  remove();
  log.info("two");
  expect(seen).toEqual(["one"]);
});

test("a line sink writes in the chosen format", () => {
  const lines: string[] = [];
  const record: LogRecord = { timeMs: 0, level: "warn", message: "m", attributes: { a: 1 } };
  for (const format of ["text", "json"] as const) lines.push(lineFormatter(format)(record));
  expect(lines).toEqual([
    "time=1970-01-01T00:00:00.000Z level=WARN msg=m a=1\n",
    '{"time":"1970-01-01T00:00:00.000Z","level":"WARN","msg":"m","a":1}\n',
  ]);
});
