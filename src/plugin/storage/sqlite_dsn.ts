import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { WorkflowError } from "../../error/error.ts";
import type { SqliteOpenOptions } from "./sqlite_message.ts";

/** What a data source name asks for. */
export interface SqliteTarget extends SqliteOpenOptions {
  /** Options that are understood by other drivers and have no effect here. */
  readonly ignored: readonly string[];
}

const accessByMode: ReadonlyMap<string, SqliteOpenOptions["access"]> = new Map([
  ["ro", "read"],
  ["rw", "write"],
  ["rwc", "create"],
]);

/** Short forms of pragmas that drivers have made usual. */
const pragmaByOption: ReadonlyMap<string, string> = new Map([
  ["_journal_mode", "journal_mode"],
  ["_journal", "journal_mode"],
  ["_busy_timeout", "busy_timeout"],
  ["_timeout", "busy_timeout"],
  ["_foreign_keys", "foreign_keys"],
  ["_fk", "foreign_keys"],
  ["_synchronous", "synchronous"],
  ["_sync", "synchronous"],
]);

/**
 * Reads a path, `:memory:`, `file:path?mode=ro&_pragma=foreign_keys(1)` or `sqlite://path`; relative paths start from
 * `directory`. Connections wait up to 5 s for a lock and write a WAL unless the name says otherwise. Throws
 * `config.value`.
 */
export function parseSqliteDsn(dsn: string, directory: string): SqliteTarget {
  const [name = "", query = ""] = splitOnce(dsn, "?");
  const isUri = /^(file|sqlite3?):/.test(name);
  const written = isUri ? decodePath(name.replace(/^(file|sqlite3?):(\/\/(localhost)?)?/, "")) : name;
  const options = [...new URLSearchParams(query)];
  const mode = options.find(([key]) => key === "mode")?.[1];
  const isMemory = written === ":memory:" || written === "" || mode === "memory";
  const access = isMemory ? "create" : (accessByMode.get(mode ?? "rwc") ?? invalid(dsn, `mode "${mode}" is not known`));
  const given = new Map<string, string>();
  const ignored: string[] = [];
  for (const [key, value] of options) {
    if (key === "mode") continue;
    const pragma = readPragma(key, value, dsn);
    if (pragma === undefined) ignored.push(key);
    else given.set(pragma.name, pragma.value);
  }
  const usual = isMemory || access === "read" ? [] : [["journal_mode", "wal"] as const];
  const settings = new Map<string, string>([["busy_timeout", "5000"], ...usual, ...given]);
  const pragmas = [...settings].map(([key, value]) => `pragma ${key} = ${value}`);
  return { path: isMemory ? ":memory:" : resolve(directory, written), access, pragmas, ignored };
}

/** Advice for a relative name that is beside the configuration file and not where databases are looked for. */
export function misplacedHint(dsn: string, path: string, configDir: string): string | undefined {
  const beside = parseSqliteDsn(dsn, configDir).path;
  if (beside === path || beside === ":memory:" || existsSync(path) || !existsSync(beside)) return undefined;
  return `databases are relative to the working directory; there is a file ${beside} beside the configuration`;
}

function readPragma(
  key: string,
  value: string,
  dsn: string,
): { readonly name: string; readonly value: string } | undefined {
  const short = pragmaByOption.get(key);
  const written = short === undefined ? value : `${short}(${value})`;
  if (short === undefined && key !== "_pragma") return undefined;
  const match = /^\s*(\w+)\s*(?:=\s*|\(\s*)([\w-]+)\s*\)?\s*$/.exec(written);
  if (match === null) return invalid(dsn, `the pragma "${value}" must be written as name(value)`);
  return { name: match[1] ?? "", value: match[2] ?? "" };
}

function splitOnce(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}

function decodePath(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new WorkflowError("config.value", `dsn "${text}" is not a valid URI`, { cause });
  }
}

function invalid(dsn: string, reason: string): never {
  throw new WorkflowError("config.value", `dsn "${dsn}": ${reason}`);
}
