import { defineStep } from "../../define/define.ts";
import { WorkflowError } from "../../error/error.ts";
import { count, Type } from "../../schema/field.ts";
import { outputOf } from "../../schema/output.ts";

/** Reads `page` and `limit` from the query. */
export default defineStep({
  type: "step.validate_pagination",
  summary: "Read and check the `page` and `limit` query parameters.",
  category: "pipeline",
  effect: "read",
  config: Type.Object({
    max_limit: count({ description: "Largest limit that is accepted.", default: 100, minimum: 1, invalid: "error" }),
    default_limit: count({ description: "Limit of a request without one.", default: 20, minimum: 1 }),
    default_page: count({ description: "Page of a request without one.", default: 1, minimum: 1 }),
  }),
  output: outputOf(["page", "limit", "offset"]),
  build({ name }, { max_limit, default_limit, default_page }) {
    const refuse = (field: string, message: string) => {
      const details = { fields: [{ field, rule: "pagination", message }] };
      return new WorkflowError("step.invalid_input", `validate_pagination step "${name}": ${message}`, { details });
    };
    const read = (query: URLSearchParams | undefined, key: string, fallback: number): number => {
      const text = query?.get(key) ?? "";
      if (text === "") return fallback;
      if (/^0*[1-9]\d{0,14}$/.test(text)) return Number(text);
      throw refuse(key, `invalid ${key} parameter ${JSON.stringify(text)} — must be a positive integer`);
    };
    return ({ exchange }) => {
      const query = exchange === undefined || exchange.search === "" ? undefined : exchange.query;
      const page = read(query, "page", default_page);
      const limit = read(query, "limit", default_limit);
      if (limit > max_limit) throw refuse("limit", `limit ${limit} exceeds maximum ${max_limit}`);
      const offset = (page - 1) * limit;
      if (Number.isSafeInteger(offset)) return { output: { page, limit, offset } };
      throw refuse("page", `page ${page} is too large for a limit of ${limit}`);
    };
  },
});
