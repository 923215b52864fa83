import { defineStep } from "../../../define/define.ts";
import { WorkflowError } from "../../../error/error.ts";
import { template, Type } from "../../../schema/field.ts";
import { outputOf } from "../../../schema/output.ts";
import { parseDuration } from "../../../time/duration.ts";
import { formatRfc3339 } from "../../../time/rfc3339.ts";

/** Waits, also across restarts of the server. */
export default defineStep({
  type: "step.sleep",
  summary: "Wait for a time, or until one. The run is put aside meanwhile and survives a restart.",
  category: "pipeline",
  effect: "pure",
  waits: true,
  config: Type.Object({
    duration: Type.Optional(template({ description: "How long to wait, such as `90s` or `72h`." })),
    until: Type.Optional(
      template({
        description: "When to go on, as RFC 3339 time such as `2026-03-01T09:00:00Z`; a past one goes on at once.",
      }),
    ),
  }),
  output: outputOf(["woke_at"]),
  build({ name, runtime }, { duration, until }) {
    const prefix = `sleep step "${name}": `;
    if ((duration === undefined) === (until === undefined)) {
      throw new WorkflowError("config.value", `${prefix}give either 'duration' or 'until'`);
    }
    const { clock } = runtime;
    return (frame) => {
      if (frame.wake !== undefined) return { output: { woke_at: formatRfc3339(clock.now()) } };
      const wakeAtMs =
        duration === undefined
          ? timeOf(until?.render(frame) ?? "", prefix)
          : clock.now() + lengthOf(duration.render(frame), prefix);
      return { park: { wakeAtMs } };
    };
  },
});

function lengthOf(text: string, prefix: string): number {
  try {
    return parseDuration(text);
  } catch (error) {
    throw new WorkflowError("step.failed", `${prefix}'duration' is no duration: ${JSON.stringify(text)}`, {
      cause: error,
    });
  }
}

function timeOf(text: string, prefix: string): number {
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(time)) return time;
  throw new WorkflowError("step.failed", `${prefix}'until' is no RFC 3339 time: ${JSON.stringify(text)}`);
}
