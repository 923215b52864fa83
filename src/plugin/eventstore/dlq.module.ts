import { defineModule } from "../../define/define.ts";
import { WorkflowError } from "../../error/error.ts";
import { deadLetterRoutes } from "../../port/dead_letter_route.ts";
import { HttpHandler } from "../../port/http.ts";
import { count, Type } from "../../schema/field.ts";
import { dayMs, everyDay } from "./daily.ts";
import { routesBelow } from "./route_below.ts";

/** The dead letters on the engine's port, and the rules for them. */
export default defineModule({
  type: "dlq.service",
  summary:
    "Limits retries and the age of dead letters, and answers requests about them below a path that ends in /dlq.",
  category: "eventstore",
  provides: [HttpHandler],
  serviceNames: (name) => [`${name}.admin`, `${name}.store`],
  config: Type.Object({
    max_retries: count({
      description: "How often a dead letter may be retried, by anybody; of several modules the lowest number holds.",
      default: 3,
      minimum: 0,
    }),
    retention_days: count({
      description: "Days for which resolved and discarded dead letters are kept; 0 keeps them for ever.",
      default: 30,
      minimum: 0,
    }),
  }),
  create({ name, log, runtime }, { max_retries, retention_days }) {
    const { clock, runControl } = runtime;
    const routes = deadLetterRoutes.map(({ method, path, answer }) => ({
      method,
      path,
      answer: async (exchange: Parameters<typeof answer>[0]) => {
        if (runControl !== undefined) return answer(exchange, runControl);
        throw new WorkflowError("store.failed", "executions are not recorded by this server");
      },
    }));
    const service: HttpHandler = { handler: () => routesBelow("dlq", routes) };
    let liftLimit: (() => void) | undefined;
    return {
      service,
      services: { [`${name}.admin`]: service, [`${name}.store`]: runControl?.deadLetters ?? service },
      start(scope) {
        scope.defer("retry limit", () => liftLimit?.());
        if (retention_days === 0 || runControl === undefined) return;
        everyDay(scope, { clock, log, task: "prune dead letters" }, async () => {
          const letters = await runControl.deadLetters.purge(retention_days * dayMs);
          if (letters > 0) log.info("Old dead letters removed", { letters });
        });
      },
      open() {
        if (runControl === undefined) log.warn("Executions are not recorded by this server: there are no dead letters");
        liftLimit ??= runControl?.deadLetters.limitRetries(max_retries);
      },
    };
  },
});
