import { defineStep } from "../../define/define.ts";
import { Type } from "../../schema/field.ts";
import { openOutputOf, outputOf } from "../../schema/output.ts";
import { compileFlag, flagFields } from "./flag_step.ts";

/** Evaluates a flag and goes on. */
export default defineStep({
  type: "step.feature_flag",
  summary: "Evaluate a feature flag.",
  category: "flag",
  effect: "read",
  config: Type.Object({
    ...flagFields,
    output_key: Type.Optional(
      Type.String({ description: "Output key for `enabled`, `variant` and `value`; the flag's key without it." }),
    ),
  }),
  output: ({ flag, output_key }) => {
    if (output_key !== undefined && output_key !== "") return outputOf([output_key]);
    return flag.isConstant ? outputOf([flag.text]) : openOutputOf();
  },
  build(context, config) {
    const evaluate = compileFlag(context, "feature_flag", config);
    return async (frame) => {
      const { flag, enabled, variant, value } = await evaluate(frame);
      const key = config.output_key === undefined || config.output_key === "" ? flag : config.output_key;
      return { output: Object.fromEntries([[key, { enabled, variant, value }]]) };
    };
  },
});
