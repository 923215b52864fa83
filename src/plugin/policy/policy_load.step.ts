import { defineStep } from "../../define/define.ts";
import { WorkflowError } from "../../error/error.ts";
import { ownValue } from "../../json/map.ts";
import { Type } from "../../schema/field.ts";
import { outputOf } from "../../schema/output.ts";
import { ask, engineField } from "./engine_field.ts";

/** Gives an engine a policy, in place of the one of that name. */
export default defineStep({
  type: "step.policy_load",
  summary: "Load a policy into an engine, from the configuration or from the value `policy_content` of the run.",
  category: "policy",
  effect: "write",
  config: Type.Object({
    engine: engineField,
    policy_name: Type.String({ description: "Name of the policy.", minLength: 1 }),
    content: Type.Optional(
      Type.String({ description: "Text of the policy; a text `policy_content` among the values of the run wins." }),
    ),
  }),
  output: outputOf(["loaded", "policy_name", "engine"]),
  build({ name }, { engine, policy_name, content }) {
    const prefix = `policy_load step "${name}": `;
    return async (frame) => {
      const given = ownValue(frame.current, "policy_content");
      const text = typeof given === "string" && given !== "" ? given : content;
      if (text === undefined) throw new WorkflowError("step.failed", `${prefix}no policy content provided`);
      await ask(engine, prefix, (service) => service.load(policy_name, text, frame.signal));
      return { output: { loaded: true, policy_name, engine: engine.name } };
    };
  },
});
