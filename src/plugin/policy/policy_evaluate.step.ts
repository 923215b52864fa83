import { defineStep } from "../../define/define.ts";
import { isPlainMap, ownValue } from "../../json/map.ts";
import { Type } from "../../schema/field.ts";
import { outputOf } from "../../schema/output.ts";
import { ask, engineField } from "./engine_field.ts";

/** Asks whether something is allowed; when it is not, the run ends without an error. */
export default defineStep({
  type: "step.policy_evaluate",
  summary: "Ask a policy engine whether the run may go on; it ends, without an error, when it may not.",
  category: "policy",
  effect: "read",
  config: Type.Object({
    engine: engineField,
    input_from: Type.String({
      description: "Name of the value of the run to judge, a map; all values when there is none of that name.",
      default: "policy_input",
      minLength: 1,
    }),
  }),
  output: outputOf(["allowed", "reasons", "metadata", "engine"]),
  build({ name }, { engine, input_from }) {
    const prefix = `policy_evaluate step "${name}": `;
    return async (frame) => {
      const chosen = ownValue(frame.current, input_from);
      const input = isPlainMap(chosen) ? chosen : frame.current;
      const decision = await ask(engine, prefix, (service) => service.evaluate(input, frame.signal));
      const output = { ...decision, engine: engine.name };
      return decision.allowed ? { output } : { output, stop: true };
    };
  },
});
