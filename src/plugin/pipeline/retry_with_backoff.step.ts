import { defineStep } from "../../define/define.ts";
import type { PlannedStep } from "../../define/definition.ts";
import { prefixed, WorkflowError } from "../../error/error.ts";
import type { Frame, StepOutcome } from "../../port/frame.ts";
import { count, duration, real, steps, Type } from "../../schema/field.ts";
import { openOutputOf } from "../../schema/output.ts";

/** Runs one step until it succeeds. */
export default defineStep({
  type: "step.retry_with_backoff",
  summary: "Run a step again while it fails, with growing pauses.",
  category: "pipeline",
  effect: "nested",
  config: Type.Object({
    max_retries: count({ description: "Further attempts after the first; below zero means none.", default: 3 }),
    initial_delay: duration({ description: "Pause before the second attempt.", default: "1s", invalid: "error" }),
    max_delay: duration({ description: "Longest pause.", default: "30s", invalid: "error" }),
    multiplier: real({ description: "Growth of the pause; zero or less means 2.", default: 2 }),
    step: Type.Optional(
      steps<PlannedStep>({ form: "one", description: "The step, with its settings beside `type` and `name`." }),
    ),
  }),
  output: openOutputOf(["retry_attempts"]),
  build({ name, runtime, build }, { max_retries, initial_delay, max_delay, multiplier, step }) {
    const prefix = `retry_with_backoff step "${name}": `;
    if (step === undefined) throw new WorkflowError("config.required", `${prefix}'step' config is required`);
    const run = build(step);
    const attempts = 1 + Math.max(0, max_retries);
    const growth = multiplier > 0 ? multiplier : 2;
    const pause = async (ms: number, frame: Frame, done: number) => {
      try {
        await runtime.clock.sleep(ms, frame.signal);
      } catch (error) {
        throw prefixed(`${prefix}context cancelled after ${done} attempts: `, error, "run.cancelled");
      }
    };
    return async (frame): Promise<StepOutcome> => {
      let delayMs = Math.min(initial_delay, max_delay);
      for (let attempt = 0; ; attempt++) {
        try {
          const outcome = await run(frame);
          return { ...outcome, output: { ...outcome.output, retry_attempts: attempt } };
        } catch (error) {
          if (attempt + 1 >= attempts)
            throw prefixed(`${prefix}all ${attempts} attempts failed: `, error, "step.failed");
        }
        await pause(delayMs, frame, attempt + 1);
        delayMs = Math.min(delayMs * growth, max_delay);
      }
    };
  },
});
