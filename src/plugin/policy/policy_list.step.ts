import { defineStep } from "../../define/define.ts";
import { Type } from "../../schema/field.ts";
import { outputOf } from "../../schema/output.ts";
import { ask, engineField } from "./engine_field.ts";

/** Lists the policies of an engine. */
export default defineStep({
  type: "step.policy_list",
  summary: "List the policies that an engine has loaded.",
  category: "policy",
  effect: "read",
  config: Type.Object({ engine: engineField }),
  output: outputOf(["policies", "count", "engine"]),
  build({ name }, { engine }) {
    const prefix = `policy_list step "${name}": `;
    return async (frame) => {
      const policies = await ask(engine, prefix, (service) => service.list(frame.signal));
      return { output: { policies, count: policies.length, engine: engine.name } };
    };
  },
});
