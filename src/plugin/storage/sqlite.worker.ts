// One SQLite connection in a thread of its own: a slow statement of the user holds up nobody else.
import { Database, type Statement } from "bun:sqlite";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { SqliteOpenOptions, SqliteReply, SqliteRequest } from "./sqlite_message.ts";

declare const self: Worker;

/** Prepared statements that a connection keeps; guessed, far more than a configuration usually has. */
const statementsMax = 256;

let database: Database | undefined;
const statements = new Map<string, Statement<Record<string, unknown>, SqliteBinding[]>>();

type SqliteBinding = string | number | bigint | boolean | null | Uint8Array;

self.addEventListener("message", (event: MessageEvent<SqliteRequest>) => {
  self.postMessage(answer(event.data), []);
});

function answer(request: SqliteRequest): SqliteReply {
  try {
    switch (request.kind) {
      case "open":
        database = open(request.options);
        return { kind: "ready" };
      case "query":
        return { kind: "rows", rows: query(request.sql, request.values.map(toBinding)) };
      case "execute":
        return execute(request.sql, request.values.map(toBinding));
      case "close":
        close();
        return { kind: "ready" };
    }
  } catch (error) {
    return { kind: "failed", message: error instanceof Error ? error.message : String(error) };
  }
}

function open({ path, access, pragmas }: SqliteOpenOptions): Database {
  if (access === "create" && path !== ":memory:") mkdirSync(dirname(path), { recursive: true });
  // Without safe integers, whatever is above 2^53 would be rounded on its way.
  const flags = access === "read" ? { readonly: true } : { readwrite: true, create: access === "create" };
  const opened = new Database(path, { ...flags, safeIntegers: true });
  for (const pragma of pragmas) opened.run(pragma);
  return opened;
}

function close(): void {
  for (const statement of statements.values()) statement.finalize();
  statements.clear();
  database?.close();
  database = undefined;
}

function query(sql: string, values: SqliteBinding[]): Record<string, unknown>[] {
  const statement = prepare(sql);
  const rows = statement.values(...values);
  const names = statement.columnNames;
  const isTime = statement.declaredTypes.map((type) => type !== null && /^(date|datetime|timestamp)\b/i.test(type));
  return rows.map((row) =>
    Object.fromEntries(row.map((value, index) => [names[index] ?? "", fromColumn(value, isTime[index] === true)])),
  );
}

function execute(sql: string, values: SqliteBinding[]): SqliteReply {
  // Without values the text may hold several statements, as a script that creates tables does.
  const opened = connected();
  const { changes, lastInsertRowid } = values.length === 0 ? opened.run(sql) : prepare(sql).run(...values);
  return { kind: "done", affectedRows: Number(changes), lastId: String(lastInsertRowid) };
}

function prepare(sql: string): Statement<Record<string, unknown>, SqliteBinding[]> {
  const known = statements.get(sql);
  if (known !== undefined) {
    // A Map keeps the order of insertion: putting the statement back marks it as used.
    statements.delete(sql);
    statements.set(sql, known);
    return known;
  }
  const statement = connected().prepare<Record<string, unknown>, SqliteBinding[]>(sql);
  statements.set(sql, statement);
  if (statements.size > statementsMax) {
    const [oldest] = statements;
    if (oldest !== undefined) {
      oldest[1].finalize();
      statements.delete(oldest[0]);
    }
  }
  return statement;
}

function connected(): Database {
  if (database === undefined) throw new Error("the database is not open");
  return database;
}

function toBinding(value: string | number | bigint | boolean | null | Uint8Array | Date): SqliteBinding {
  return value instanceof Date ? value.toISOString() : value;
}

function fromColumn(value: unknown, isTime: boolean): unknown {
  if (typeof value === "bigint") {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  return isTime && typeof value === "string" ? (parseTime(value) ?? value) : value;
}

/** The time in a column declared as one; text without a zone is UTC, as SQLite's own functions write it. */
function parseTime(text: string): Date | undefined {
  const match = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?) ?(Z|[+-]\d\d:?\d\d)?)?/.exec(text);
  if (match === null) return undefined;
  const time = new Date(`${match[1]}T${match[2] ?? "00:00"}${match[3] ?? "Z"}`);
  return Number.isNaN(time.getTime()) ? undefined : time;
}
