import { defineModule } from "../../define/define.ts";
import { EventStore } from "../../port/event_store.ts";
import { count, path, Type } from "../../schema/field.ts";
import { dayMs, everyDay } from "./daily.ts";
import { EventLog } from "./event_log.ts";

/** Keeps the events of every recorded run in a SQLite file of its own. */
export default defineModule({
  type: "eventstore.service",
  summary: "Keeps the events of every recorded execution in a SQLite file of its own.",
  category: "eventstore",
  provides: [EventStore],
  serviceNames: (name) => [`${name}.admin`],
  carry: "instance",
  config: Type.Object({
    db_path: path({
      description: "SQLite file of the events, relative to the working directory; created with its directory.",
      base: "work",
      default: "data/events.db",
    }),
    retention_days: count({
      description: "Days after its last event for which an execution is kept; 0 keeps it for ever.",
      default: 90,
      minimum: 0,
    }),
  }),
  create({ name, log, runtime }, { db_path, retention_days }) {
    const { clock, metrics, runFeed, runControl } = runtime;
    const help = "Events of executions that were not written to an event store.";
    const dropped = metrics.counter("workflow_event_store_dropped_total", help, { module: name });
    const conceal = (text: string): string => runControl?.conceal(text) ?? text;
    const service = new EventLog({ path: db_path, log, dropped, conceal });
    let unsubscribe: (() => void) | undefined;
    return {
      service,
      services: { [`${name}.admin`]: service },
      async start(scope) {
        await service.open();
        scope.defer("events", async () => {
          unsubscribe?.();
          await service.close();
        });
        if (retention_days === 0) return;
        everyDay(scope, { clock, log, task: "prune events" }, async () => {
          const executions = await service.prune(clock.now() - retention_days * dayMs);
          if (executions > 0) log.info("Old events removed", { executions });
        });
      },
      open() {
        if (runFeed === undefined) log.warn("Executions are not recorded by this server: the event store stays empty");
        // A reload that keeps the module opens it again.
        unsubscribe ??= runFeed?.subscribe((event) => service.take(event));
      },
      health: () => service.health(),
    };
  },
});
