import { defineStep } from "../../define/define.ts";
import { messageOf, prefixed } from "../../error/error.ts";
import { Type } from "../../schema/field.ts";
import { outputOf } from "../../schema/output.ts";
import { compileStatement, statementFields } from "./statement.ts";

/** Changes data with SQL. */
export default defineStep({
  type: "step.db_exec",
  summary: "Change data in a database.",
  category: "storage",
  effect: "write",
  config: Type.Object({
    ...statementFields,
    ignore_error: Type.Boolean({
      description: "Whether a statement that fails lets the pipeline go on, with the text in `ignored_error`.",
      default: false,
    }),
  }),
  output: ({ ignore_error }) => outputOf(["affected_rows", "last_id", ...(ignore_error ? ["ignored_error"] : [])]),
  build(context, config) {
    const prepare = compileStatement(context, "db_exec", config);
    return async (frame) => {
      const { database, sql, values } = prepare(frame);
      try {
        const { affectedRows, lastId } = await database.execute(sql, values, frame.signal);
        return { output: { affected_rows: affectedRows, last_id: lastId } };
      } catch (error) {
        // A run that was cancelled must end, whatever its steps tolerate.
        if (config.ignore_error && !frame.signal.aborted)
          return { output: { affected_rows: 0, last_id: "0", ignored_error: messageOf(error) } };
        throw prefixed(`db_exec step "${context.name}": exec failed: `, error, "database.failed");
      }
    };
  },
});
