import { defineStep } from "../../define/define.ts";
import { anyMap, Type } from "../../schema/field.ts";
import { outputOf } from "../../schema/output.ts";
import { ask, engineField } from "./engine_field.ts";

/** Compares an engine's decision about a sample with what is expected; the run ends when they differ. */
export default defineStep({
  type: "step.policy_test",
  summary: "Check what a policy engine decides about a sample; the run ends, without an error, on a difference.",
  category: "policy",
  effect: "read",
  config: Type.Object({
    engine: engineField,
    sample_input: anyMap({ description: "What to ask about, as written.", default: {} }),
    expect_allow: Type.Boolean({ description: "Whether the sample is expected to be allowed.", default: true }),
  }),
  output: outputOf(["test_passed", "allowed", "expect_allow", "reasons", "metadata", "engine", "sample_input"]),
  build({ name }, { engine, sample_input, expect_allow }) {
    const prefix = `policy_test step "${name}": `;
    return async (frame) => {
      const decision = await ask(engine, prefix, (service) => service.evaluate(sample_input, frame.signal));
      const test_passed = decision.allowed === expect_allow;
      // A copy: later steps must not change what the next run is asked.
      const sample = structuredClone(sample_input);
      const output = { test_passed, ...decision, expect_allow, engine: engine.name, sample_input: sample };
      return test_passed ? { output } : { output, stop: true };
    };
  },
});
