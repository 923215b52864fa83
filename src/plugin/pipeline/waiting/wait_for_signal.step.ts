import { defineStep } from "../../../define/define.ts";
import { WorkflowError } from "../../../error/error.ts";
import { duration, template, Type } from "../../../schema/field.ts";
import { outputOf } from "../../../schema/output.ts";

/** Waits for somebody outside, such as an approval. */
export default defineStep({
  type: "step.wait_for_signal",
  summary: "Wait until `POST /api/v1/executions/{id}/signals/{name}` is called, or a time is over. Survives a restart.",
  category: "pipeline",
  effect: "pure",
  waits: true,
  config: Type.Object({
    signal: template({ description: "Name of the signal." }),
    timeout: Type.Optional(
      duration({ description: "Longest wait; without it, the run waits for ever.", invalid: "error" }),
    ),
    on_timeout: Type.Optional(
      Type.String({ description: "Step to go on with when the time is over; without it, the step then fails." }),
    ),
  }),
  output: outputOf(["signal", "payload", "timed_out"]),
  routesTo: ({ on_timeout }) => (on_timeout === undefined ? [] : [on_timeout]),
  build({ name, runtime, target }, { signal, timeout, on_timeout }) {
    const late = on_timeout === undefined ? undefined : target(on_timeout);
    return (frame) => {
      const { wake } = frame;
      if (wake?.kind === "signal") return { output: { signal: wake.name, payload: wake.payload, timed_out: false } };
      const wanted = signal.render(frame);
      if (wake?.kind === "timer") {
        if (late !== undefined) return { output: { signal: wanted, payload: null, timed_out: true }, next: late };
        throw new WorkflowError("run.timeout", `wait_for_signal step "${name}": no signal "${wanted}" came in time`);
      }
      if (wanted === "")
        throw new WorkflowError("step.failed", `wait_for_signal step "${name}": the signal has no name`);
      return {
        park: { signal: wanted, ...(timeout === undefined ? {} : { wakeAtMs: runtime.clock.now() + timeout }) },
      };
    };
  },
});
