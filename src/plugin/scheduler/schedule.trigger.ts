import { defineTrigger } from "../../define/define.ts";
import { messageOf } from "../../error/error.ts";
import { cron, Type } from "../../schema/field.ts";
import { parseCron } from "../../time/cron.ts";
import { formatRfc3339 } from "../../time/rfc3339.ts";
import { startTicker } from "../../time/ticker.ts";

/** Runs of one entry that may be in progress together; beyond it, ticks are left out. Guessed: more is an accident. */
const runsMax = 100;

/** Starts a workflow at the times of a cron expression. Each entry has a timer of its own. */
export default defineTrigger({
  type: "schedule",
  summary: "Starts a workflow at the times of a cron expression.",
  listKey: "jobs",
  entry: Type.Object({
    cron: cron({
      description:
        "When to start: five cron fields, six with seconds in front, `@hourly` and the like, or `@every 5s`. " +
        "A run that takes longer than the time to the next tick does not hold that one back. " +
        "Ticks that were missed are not made up for.",
    }),
    timezone: Type.Optional(
      Type.String({ description: "Time zone of the expression, such as `Europe/Paris`; local time without it." }),
    ),
  }),
  build({ log, runtime, path }, { cron: expression, timezone }, { target, params }) {
    const zoned = timezone === undefined ? expression : parseCron(expression.text, timezone);
    const inFlight = new Set<Promise<void>>();
    let signal: AbortSignal | undefined;
    let stop = (): void => {};
    const run = async (dueMs: number): Promise<void> => {
      try {
        // One run for each tick, also when several replicas or a clock that was set back come to it again.
        const idempotencyKey = `${path} ${zoned.text} ${dueMs}`;
        const data = { trigger_time: formatRfc3339(dueMs), ...params };
        await target.run(data, { trigger: "schedule", signal, idempotencyKey });
      } catch (error) {
        log.error(`Job execution failed: ${messageOf(error)}`, { cron: zoned.text, workflow: target.workflow });
      }
    };
    const tick = (dueMs: number): void => {
      if (inFlight.size >= runsMax) {
        log.warn("A tick is left out: too many runs are in progress", { cron: zoned.text, workflow: target.workflow });
        return;
      }
      const running = run(dueMs);
      inFlight.add(running);
      void running.then(() => inFlight.delete(running));
    };
    return {
      start(scope) {
        signal = scope.signal;
        scope.defer("ticker", () => stop());
      },
      open() {
        stop = startTicker(runtime.clock, zoned, tick);
      },
      async drain() {
        stop();
        await Promise.all(inFlight);
      },
    };
  },
});
