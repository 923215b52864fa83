import { defineStep } from "../../define/define.ts";
import { WorkflowError } from "../../error/error.ts";
import type { StepOutcome, StepTarget } from "../../port/frame.ts";
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
    // Nothing of a hit depends on the run, so that each route's outcome is made once.
    const outcomes = new Map(Object.entries(routes).map(([text, step]) => [text, routed(text, target(step))]));
    if (outcomes.size === 0)
      throw new WorkflowError("config.required", `conditional step "${name}": 'routes' map is required`);
    const otherwise = fallback === "" ? undefined : target(fallback);
    return (frame) => {
      const text = field.render(frame);
      const outcome = outcomes.get(text);
      if (outcome !== undefined) return outcome;
      if (otherwise !== undefined) {
        return { output: { matched_value: text, next_step: otherwise.name, used_default: true }, next: otherwise };
      }
      const reason = `value ${JSON.stringify(text)} not found in routes and no default configured`;
      throw new WorkflowError("step.failed", `conditional step "${name}": ${reason}`);
    };
  },
});

function routed(text: string, next: StepTarget): StepOutcome {
  return Object.freeze({ output: Object.freeze({ matched_value: text, next_step: next.name }), next });
}
