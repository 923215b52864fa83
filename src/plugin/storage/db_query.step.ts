import { defineStep } from "../../define/define.ts";
import { prefixed } from "../../error/error.ts";
import { choice, Type } from "../../schema/field.ts";
import { outputOf } from "../../schema/output.ts";
import { compileStatement, statementFields } from "./statement.ts";

/** Reads rows with SQL. */
export default defineStep({
  type: "step.db_query",
  summary: "Read rows from a database.",
  category: "storage",
  effect: "read",
  config: Type.Object({
    ...statementFields,
    mode: choice(["list", "single"], {
      description: "`list` gives `rows` and `count`; `single` gives the first `row` and whether one was `found`.",
      default: "list",
      invalid: "error",
    }),
  }),
  output: ({ mode }) => outputOf(mode === "single" ? ["row", "found"] : ["rows", "count"]),
  build(context, config) {
    const prepare = compileStatement(context, "db_query", config);
    return async (frame) => {
      const { database, sql, values } = prepare(frame);
      try {
        const rows = await database.query(sql, values, frame.signal);
        if (config.mode === "single") return { output: { row: rows[0] ?? {}, found: rows.length > 0 } };
        return { output: { rows, count: rows.length } };
      } catch (error) {
        throw prefixed(`db_query step "${context.name}": query failed: `, error, "database.failed");
      }
    };
  },
});
