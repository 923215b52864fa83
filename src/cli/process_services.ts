import { ProcessEventBus } from "../engine/event_bus.ts";
import { Logger, type LoggerCore } from "../log/logger.ts";
import type { ProcessServices } from "../runtime/generation.ts";
import { PrometheusMetrics } from "../service/telemetry/metrics.ts";
import { systemClock } from "../time/clock.ts";
import { version } from "../version.ts";

/** What the process gives every generation: real time and randomness, fresh metrics and an event bus of its own. */
export function makeProcessServices(
  core: LoggerCore,
  options: { readonly dataDir: string; readonly isDevelopment: boolean },
): ProcessServices {
  const log = new Logger(core);
  return {
    log,
    clock: systemClock,
    random: Math.random,
    uuid: () => crypto.randomUUID(),
    metrics: new PrometheusMetrics(),
    events: new ProcessEventBus(log),
    logs: core,
    version,
    ...options,
  };
}
