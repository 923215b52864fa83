import { formatJsonLine, formatTextLine } from "./line.ts";

/** Severity of a record, in rising order. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** Facts beside the message. Values are printed by `formatAttribute`; a `Secret` prints as `***`. */
export type LogAttributes = Readonly<Record<string, unknown>>;

/** One record as sinks receive it. */
export interface LogRecord {
  readonly timeMs: number;
  readonly level: LogLevel;
  readonly message: string;
  readonly attributes: LogAttributes;
}

/** How lines are written. */
export type LogFormat = "text" | "json";

const rank: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** Receives every record that passes the level. */
export type LogSink = (record: LogRecord) => void;

/** Writes records to its sinks. Children carry fixed attributes such as `module=orders`. */
export class Logger {
  readonly #core: LoggerCore;
  readonly #fixed: LogAttributes;

  constructor(core: LoggerCore, fixed: LogAttributes = {}) {
    this.#core = core;
    this.#fixed = Object.isFrozen(fixed) ? fixed : Object.freeze({ ...fixed });
  }

  /** True when debug records are wanted: ask before building costly attributes. */
  get isDebug(): boolean {
    return this.#core.minimum === 0;
  }

  /** True when records of a level are wanted. */
  isEnabled(level: LogLevel): boolean {
    return rank[level] >= this.#core.minimum;
  }

  child(attributes: LogAttributes): Logger {
    return new Logger(this.#core, { ...this.#fixed, ...attributes });
  }

  debug(message: string, attributes?: LogAttributes): void {
    this.log("debug", message, attributes);
  }

  info(message: string, attributes?: LogAttributes): void {
    this.log("info", message, attributes);
  }

  warn(message: string, attributes?: LogAttributes): void {
    this.log("warn", message, attributes);
  }

  error(message: string, attributes?: LogAttributes): void {
    this.log("error", message, attributes);
  }

  log(level: LogLevel, message: string, attributes?: LogAttributes): void {
    const core = this.#core;
    if (rank[level] < core.minimum) return;
    const all = attributes === undefined ? this.#fixed : { ...this.#fixed, ...attributes };
    core.emit({ timeMs: Date.now(), level, message, attributes: all });
  }
}

/** State shared by a logger and its children: the level and the sinks. */
export class LoggerCore {
  readonly minimum: number;
  #sinks: readonly LogSink[];

  constructor(level: LogLevel, sinks: readonly LogSink[]) {
    this.minimum = rank[level];
    this.#sinks = [...sinks];
  }

  /** Adds a receiver and returns a function that removes it. */
  subscribe(sink: LogSink): () => void {
    const added: LogSink = (record) => sink(record);
    this.#sinks = [...this.#sinks, added];
    return () => void (this.#sinks = this.#sinks.filter((other) => other !== added));
  }

  emit(record: LogRecord): void {
    for (const sink of this.#sinks) sink(record);
  }
}

/** How a record is written in a format. */
export function lineFormatter(format: LogFormat): (record: LogRecord) => string {
  return format === "json" ? formatJsonLine : formatTextLine;
}

/** A logger that drops everything, for code that runs without a process around it. */
export const silentLogger = new Logger(new LoggerCore("error", []));
