import { ProcessEventBus } from "../engine/event_bus.ts";
import { Logger, type LoggerCore } from "../log/logger.ts";
import { EgressPolicy, parseEgressList } from "../net/egress.ts";
import { keepingResolver, resolveHost } from "../net/egress_resolve.ts";
import type { ProcessServices } from "../runtime/generation.ts";
import { PrometheusMetrics } from "../service/telemetry/metrics.ts";
import { join } from "node:path";
import { Journal } from "../service/journal/journal.ts";
import { SqliteStore } from "../service/store/sqlite_store.ts";
import { systemClock } from "../time/clock.ts";
import { version } from "../version.ts";

/** The services of a server process: always with a journal. */
export type CliServices = ProcessServices & { readonly journal: Journal };

/** What the command line decides. */
export interface ServicesOptions {
  readonly dataDir: string;
  readonly isDevelopment: boolean;
  /** What calls may reach beside public addresses, separated by commas or spaces. */
  readonly egressAllow?: string | undefined;
}

/** The file of the execution store. */
export function storePath(dataDir: string): string {
  return join(dataDir, "workflow.db");
}

/** What the process gives every generation: real time and randomness, fresh metrics and an event bus of its own. */
export function makeProcessServices(core: LoggerCore, { egressAllow = "", ...options }: ServicesOptions): CliServices {
  const log = new Logger(core);
  const metrics = new PrometheusMetrics();
  const path = storePath(options.dataDir);
  return {
    log,
    clock: systemClock,
    random: Math.random,
    uuid: () => crypto.randomUUID(),
    metrics,
    journal: new Journal({ open: () => SqliteStore.open(path), clock: systemClock, log, metrics }),
    events: new ProcessEventBus(log),
    logs: core,
    egress: new EgressPolicy({ allow: parseEgressList(egressAllow) }, keepingResolver(resolveHost, systemClock)),
    version,
    ...options,
  };
}
