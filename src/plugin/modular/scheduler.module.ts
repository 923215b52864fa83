import { defineModule } from "../../define/define.ts";
import { messageOf } from "../../error/error.ts";
import { Scheduler } from "../../port/service.ts";
import { cron, Type } from "../../schema/field.ts";
import { parseCron } from "../../time/cron.ts";
import { startTicker } from "../../time/ticker.ts";

/** Runs of one job that may be in progress together; beyond it, ticks are left out. Guessed: more is an accident. */
const runsPerJobMax = 100;

interface Job {
  readonly name: string;
  readonly run: () => Promise<void>;
  running: number;
}

/** Runs the jobs that the scheduler section gives it, all of them at every tick of its expression. */
export default defineModule({
  type: "scheduler.modular",
  summary: "Runs jobs at the times of a cron expression.",
  category: "scheduler",
  provides: [Scheduler],
  serviceName: "scheduler.provider",
  config: Type.Object({
    cronExpression: cron({
      description:
        "When the jobs run: five cron fields, six with seconds in front, `@hourly` and the like, or `@every 5s`. " +
        "The jobs of a tick run side by side, also beside runs of an earlier tick that take long. " +
        "Ticks that were missed are not made up for.",
      default: "* * * * *",
      invalid: "error",
    }),
    timezone: Type.Optional(
      Type.String({ description: "Time zone of the expression, such as `Europe/Paris`; local time without it." }),
    ),
  }),
  create({ log, runtime }, { cronExpression, timezone }) {
    const zoned = timezone === undefined ? cronExpression : parseCron(cronExpression.text, timezone);
    const jobs: Job[] = [];
    const inFlight = new Set<Promise<void>>();
    const start = async (job: Job): Promise<void> => {
      job.running++;
      try {
        await job.run();
      } catch (error) {
        log.error(`Job execution failed: ${messageOf(error)}`, { job: job.name });
      } finally {
        job.running--;
      }
    };
    const tick = (): void => {
      for (const job of jobs) {
        if (job.running >= runsPerJobMax) {
          log.warn("A job is left out: too many runs of it are in progress", { job: job.name, running: job.running });
          continue;
        }
        const run = start(job);
        inFlight.add(run);
        void run.then(() => inFlight.delete(run));
      }
    };
    let stop = (): void => {};
    const service: Scheduler = { cron: zoned, add: (job) => void jobs.push({ ...job, running: 0 }) };
    return {
      service,
      start: (scope) => void scope.defer("ticker", () => stop()),
      open() {
        if (jobs.length > 0) stop = startTicker(runtime.clock, zoned, tick);
      },
      async drain() {
        stop();
        await Promise.all(inFlight);
      },
    };
  },
});
