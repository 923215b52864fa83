import { defineStep } from "../../define/define.ts";
import { Type } from "../../schema/field.ts";
import { outputOf } from "../../schema/output.ts";
import { compileFlag, flagFields } from "./flag_step.ts";

/** Sends the run one way or the other. */
export default defineStep({
  type: "step.ff_gate",
  summary: "Go on at one of two steps, depending on a feature flag.",
  category: "flag",
  effect: "read",
  config: Type.Object({
    ...flagFields,
    on_enabled: Type.String({ description: "Step to go to when the flag is on.", minLength: 1 }),
    on_disabled: Type.String({ description: "Step to go to when the flag is off.", minLength: 1 }),
  }),
  output: outputOf(["flag", "enabled", "next_step"]),
  routesTo: ({ on_enabled, on_disabled }) => [on_enabled, on_disabled],
  build(context, config) {
    const evaluate = compileFlag(context, "ff_gate", config);
    const on = context.target(config.on_enabled);
    const off = context.target(config.on_disabled);
    return async (frame) => {
      const { flag, enabled } = await evaluate(frame);
      const next = enabled ? on : off;
      return { output: { flag, enabled, next_step: next.name }, next };
    };
  },
});
