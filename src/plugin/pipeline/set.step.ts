import { defineStep } from "../../define/define.ts";
import { prefixed, WorkflowError } from "../../error/error.ts";
import { asMap, keysOf } from "../../json/map.ts";
import { templateValue, Type } from "../../schema/field.ts";
import { outputOf } from "../../schema/output.ts";

/** Computes values from templates. */
export default defineStep({
  type: "step.set",
  summary: "Put computed values into the pipeline's data.",
  category: "pipeline",
  effect: "pure",
  config: Type.Object({
    values: templateValue({ description: "Map of names to values; strings may hold templates.", shape: "map" }),
  }),
  output: ({ values }) => outputOf(keysOf(values.written)),
  build({ name }, { values }) {
    if (keysOf(values.written).length === 0) {
      throw new WorkflowError("config.required", `set step "${name}": 'values' map is required and must not be empty`);
    }
    return (frame) => {
      try {
        return { output: asMap(values.resolve(frame)) };
      } catch (error) {
        throw prefixed(`set step "${name}": failed to resolve values: `, error, "step.template");
      }
    };
  },
});
