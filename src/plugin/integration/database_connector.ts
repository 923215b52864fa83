import { WorkflowError } from "../../error/error.ts";
import { encodeJson } from "../../json/encode.ts";
import { isPlainMap, ownValue } from "../../json/map.ts";
import type { Database, SqlValue } from "../../port/service.ts";
import { type CompiledConnector, connectorOf, type RunAction } from "./connector.ts";

type Input = Readonly<Record<string, unknown>>;

/** Runs SQL and simple changes of tables on a database of the user. */
export function databaseConnector(database: Database): CompiledConnector {
  const actions: ReadonlyMap<string, RunAction> = new Map<string, RunAction>([
    ["query", (input, signal) => query(database, input, signal)],
    ["execute", (input, signal) => change(database, textAt(input, "sql"), argsOf(input), signal)],
    ["insert", (input, signal) => insert(database, input, signal)],
    ["update", (input, signal) => update(database, input, signal)],
    ["delete", (input, signal) => remove(database, input, signal)],
  ]);
  return connectorOf((action) => {
    const run = actions.get(action);
    if (run !== undefined) return run;
    const text = `unsupported action: ${action} (supported: query, execute, insert, update, delete)`;
    throw new WorkflowError("config.value", text);
  });
}

async function query(database: Database, input: Input, signal: AbortSignal): Promise<Record<string, unknown>> {
  const rows = await database.query(textAt(input, "sql"), argsOf(input), signal);
  return { columns: Object.keys(rows[0] ?? {}), rows, count: rows.length };
}

async function change(
  database: Database,
  sql: string,
  parameters: readonly SqlValue[],
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  const { affectedRows } = await database.execute(sql, parameters, signal);
  return { rowsAffected: affectedRows };
}

function insert(database: Database, input: Input, signal: AbortSignal): Promise<Record<string, unknown>> {
  const data = dataOf(input);
  const columns = data.map(([column]) => identifier(column)).join(", ");
  const places = data.map((_, index) => `$${index + 1}`).join(", ");
  const sql = `insert into ${tableOf(input)} (${columns}) values (${places})`;
  return change(
    database,
    sql,
    data.map(([, value]) => sqlValue(value)),
    signal,
  );
}

/** `where` keeps its own placeholders: numbered ones stay as they are, and question marks follow those of the data. */
function update(database: Database, input: Input, signal: AbortSignal): Promise<Record<string, unknown>> {
  const data = dataOf(input);
  const where = whereOf(input);
  const values = data.map(([, value]) => sqlValue(value));
  const args = argsOf(input);
  const isNumbered = /\$\d/.test(where);
  const place = (index: number) => (isNumbered || args.length === 0 ? `$${args.length + index + 1}` : "?");
  const sets = data.map(([column], index) => `${identifier(column)} = ${place(index)}`).join(", ");
  const parameters = isNumbered ? [...args, ...values] : [...values, ...args];
  return change(database, `update ${tableOf(input)} set ${sets} where ${where}`, parameters, signal);
}

function remove(database: Database, input: Input, signal: AbortSignal): Promise<Record<string, unknown>> {
  return change(database, `delete from ${tableOf(input)} where ${whereOf(input)}`, argsOf(input), signal);
}

function textAt(input: Input, key: string): string {
  const value = ownValue(input, key);
  if (typeof value === "string" && value.trim() !== "") return value;
  throw new WorkflowError("step.invalid_input", `'${key}' is required`);
}

function whereOf(input: Input): string {
  const where = ownValue(input, "where");
  if (typeof where === "string" && where.trim() !== "") return where;
  const hint = "write `where: 1 = 1` to mean every row";
  throw new WorkflowError("step.invalid_input", "'where' is required, so that no table is changed as a whole", {
    hint,
  });
}

function tableOf(input: Input): string {
  return textAt(input, "table").split(".").map(identifier).join(".");
}

/** Names come from data and cannot be bound: anything but a plain name is refused. */
function identifier(name: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(name)) return `"${name}"`;
  throw new WorkflowError("step.invalid_input", `"${name}" cannot be the name of a table or column`);
}

function dataOf(input: Input): readonly (readonly [string, unknown])[] {
  const data = ownValue(input, "data");
  const entries = isPlainMap(data) ? Object.entries(data) : [];
  if (entries.length > 0) return entries;
  throw new WorkflowError("step.invalid_input", "'data' is required and must not be empty");
}

function argsOf(input: Input): readonly SqlValue[] {
  const args = ownValue(input, "args");
  if (args === undefined || args === null) return [];
  if (Array.isArray(args)) return args.map(sqlValue);
  throw new WorkflowError("step.invalid_input", "'args' must be a list");
}

function sqlValue(value: unknown): SqlValue {
  switch (typeof value) {
    case "string":
    case "number":
    case "bigint":
    case "boolean":
      return value;
    case "undefined":
      return null;
    default:
      if (value === null || value instanceof Uint8Array || value instanceof Date) return value;
      return encodeJson(value);
  }
}
