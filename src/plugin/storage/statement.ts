import type { Static } from "typebox";
import type { StepContext } from "../../define/definition.ts";
import { prefixed, WorkflowError } from "../../error/error.ts";
import { encodeJson } from "../../json/encode.ts";
import type { Frame } from "../../port/frame.ts";
import { Database, type SqlValue } from "../../port/service.ts";
import { choice, lateRef, template, templateValue, Type } from "../../schema/field.ts";
import { dollarPlaceholders } from "./placeholder.ts";

/** The settings that the db steps share. */
export const statementFields = {
  database: lateRef(Database, { description: "Database module to use." }),
  query: template({
    description: "SQL with placeholders `$1`, `$2`, … (or `?`) for the values in `params`; not a template.",
  }),
  params: Type.Array(templateValue({ description: "Value; strings are templates and bound as text." }), {
    description: "Values of the placeholders. Numbers, booleans and null keep their type; lists and maps become JSON.",
    default: [],
  }),
  placeholders: choice(["native", "question"], {
    description: "`question` makes `?` a placeholder on PostgreSQL too, where it is an operator otherwise.",
    default: "native",
    invalid: "error",
  }),
  allow_templated_sql: Type.Boolean({
    description: "Whether `query` may hold templates. What they print becomes SQL, so it must never come from outside.",
    default: false,
  }),
};

const statementSchema = Type.Object(statementFields);

/** A statement as one run executes it. */
export interface ReadyStatement {
  readonly database: Database;
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

/**
 * Compiles the shared settings to a function that gives the statement of a run. Throws `config.value` when the query
 * is a template without leave. The function throws `run.missing_service` when there is no such database.
 */
export function compileStatement(
  { name, at }: StepContext,
  kind: string,
  { database, query, params, placeholders, allow_templated_sql }: Static<typeof statementSchema>,
): (frame: Frame) => ReadyStatement {
  const prefix = `${kind} step "${name}": `;
  if (!query.isConstant && !allow_templated_sql) {
    const text = `${prefix}query must not contain template expressions (use params instead)`;
    throw new WorkflowError("config.value", text, { at: [at] });
  }
  if (query.text.trim() === "") throw new WorkflowError("config.required", `${prefix}'query' is required`);
  const service = database.find();
  const rewrite = placeholders === "question" && service?.driver === "postgres" ? dollarPlaceholders : undefined;
  const fixed = query.isConstant ? (rewrite?.(query.text) ?? query.text) : undefined;
  return (frame) => {
    if (service === undefined) {
      const text = `${prefix}database service "${database.name}" not found`;
      throw new WorkflowError("run.missing_service", text, { at: [database.at] });
    }
    const sql = fixed ?? render(frame);
    return { database: service, sql, values: params.map((value, index) => resolve(value, index, frame)) };
  };

  function render(frame: Frame): string {
    try {
      const text = query.render(frame);
      return rewrite?.(text) ?? text;
    } catch (error) {
      throw prefixed(`${prefix}failed to resolve query: `, error, "step.template");
    }
  }

  function resolve(value: { resolve(frame: Frame): unknown }, index: number, frame: Frame): SqlValue {
    try {
      return toSqlValue(value.resolve(frame));
    } catch (error) {
      throw prefixed(`${prefix}failed to resolve param ${index}: `, error, "step.template");
    }
  }
}

function toSqlValue(value: unknown): SqlValue {
  if (value === null || value === undefined) return null;
  switch (typeof value) {
    case "string":
    case "number":
    case "bigint":
    case "boolean":
      return value;
    default:
      return value instanceof Date || value instanceof Uint8Array ? value : encodeJson(value);
  }
}
