import { ProcessEventBus } from "../engine/event_bus.ts";
import { Logger, type LoggerCore } from "../log/logger.ts";
import type { ProcessServices } from "../runtime/generation.ts";
import { PrometheusMetrics } from "../service/telemetry/metrics.ts";
import { join } from "node:path";
import { Journal } from "../service/journal/journal.ts";
import { SqliteStore } from "../service/store/sqlite_store.ts";
import { systemClock } from "../time/clock.ts";
import { version } from "../version.ts";

/** The services of a server process: always with a journal. */
export type CliServices = ProcessServices & { readonly journal: Journal };

/** What the process gives every generation: real time and randomness, fresh metrics and an event bus of its own. */
export function makeProcessServices(
  core: LoggerCore,
  options: { readonly dataDir: string; readonly isDevelopment: boolean },
): CliServices {
  const log = new Logger(core);
  const metrics = new PrometheusMetrics();
  const path = join(options.dataDir, "workflow.db");
  return {
    log,
    clock: systemClock,
    random: Math.random,
    uuid: () => crypto.randomUUID(),
    metrics,
    journal: new Journal({ open: () => SqliteStore.open(path), clock: systemClock, log, metrics }),
    events: new ProcessEventBus(log),
    logs: core,
    version,
    ...options,
  };
}
