import { defineStep } from "../../define/define.ts";
import { WorkflowError } from "../../error/error.ts";
import type { StepTarget } from "../../port/frame.ts";
import { fieldPath, Type } from "../../schema/field.ts";
import { outputOf } from "../../schema/output.ts";

/** Routes the run by the text of a value. */
export default defineStep({
  type: "step.conditional",
  summary: "Go on at the step that belongs to a value.",
  category: "pipeline",
  effect: "pure",
  config: Type.Object({
    field: fieldPath({ description: "Path of the value, such as `status` or `steps.fetch.body.kind`." }),
    routes: Type.Record(Type.String(), Type.String({ description: "Step to go on at." }), {
      description: "Map of texts to step names; at least one.",
      default: {},
    }),
    default: Type.String({
      description: "Step to go on at when no text matches; without one the step fails.",
      default: "",
    }),
  }),
  output: outputOf(["matched_value", "next_step", "used_default"]),
  routesTo: ({ routes, default: fallback }) => [...Object.values(routes), ...(fallback === "" ? [] : [fallback])],
  build({ name, target }, { field, routes, default: fallback }) {
    const targets = new Map<string, StepTarget>(Object.entries(routes).map(([text, step]) => [text, target(step)]));
    if (targets.size === 0)
      throw new WorkflowError("config.required", `conditional step "${name}": 'routes' map is required`);
    const otherwise = fallback === "" ? undefined : target(fallback);
    return (frame) => {
      const text = field.render(frame);
      const next = targets.get(text);
      if (next !== undefined) return { output: { matched_value: text, next_step: next.name }, next };
      if (otherwise !== undefined) {
        return { output: { matched_value: text, next_step: otherwise.name, used_default: true }, next: otherwise };
      }
      const reason = `value ${JSON.stringify(text)} not found in routes and no default configured`;
      throw new WorkflowError("step.failed", `conditional step "${name}": ${reason}`);
    };
  },
});
