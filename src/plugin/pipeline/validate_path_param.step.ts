import { defineStep } from "../../define/define.ts";
import { WorkflowError } from "../../error/error.ts";
import { ownValue } from "../../json/map.ts";
import type { Frame } from "../../port/frame.ts";
import { choice, Type, valuePath } from "../../schema/field.ts";
import { outputOf } from "../../schema/output.ts";
import type { FieldFault } from "./invalid_input.ts";
import { isUuid } from "./text_form.ts";

/** Refuses requests whose path parameters are missing or have the wrong form. */
export default defineStep({
  type: "step.validate_path_param",
  summary: "Check path parameters of the request.",
  category: "pipeline",
  effect: "pure",
  config: Type.Object({
    params: Type.Array(Type.String(), { description: "Parameters that must be there.", minItems: 1 }),
    format: Type.Optional(choice(["uuid"], { description: "Form that every parameter must have." })),
    source: valuePath("source", {
      description: "Where the parameters are: `steps.<name>.<key>`, or empty for the top-level values and the route.",
      default: "",
    }),
  }),
  output: outputOf(["valid"]),
  build({ name }, { params, format, source }) {
    const isRoute = source.text === "";
    const read = (frame: Frame, values: unknown, param: string): unknown => {
      const value = ownValue(values, param);
      return value === undefined && isRoute ? ownParam(frame, param) : value;
    };
    return (frame) => {
      const values = source.get(frame);
      const faults: FieldFault[] = [];
      for (const param of params) {
        const fault = judge(param, read(frame, values, param), format);
        if (fault !== undefined) faults.push(fault);
      }
      if (faults.length === 0) return { output: { valid: true } };
      const text = `validate_path_param step "${name}": ${faults.map(({ message }) => message).join("; ")}`;
      throw new WorkflowError("step.invalid_input", text, { details: { fields: faults } });
    };
  },
});

function ownParam({ exchange }: Frame, param: string): string | undefined {
  return exchange !== undefined && Object.hasOwn(exchange.params, param) ? exchange.params[param] : undefined;
}

function judge(field: string, value: unknown, format: "uuid" | undefined): FieldFault | undefined {
  const what = `path parameter ${JSON.stringify(field)}`;
  if (value === undefined) return { field, rule: "required", message: `missing ${what}` };
  if (typeof value !== "string" || value === "") {
    return { field, rule: "required", message: `${what} must be a non-empty string` };
  }
  if (format !== "uuid" || isUuid(value)) return undefined;
  return { field, rule: "uuid", message: `${what} must be a valid UUID, got ${JSON.stringify(value)}` };
}
