import { ProcessEventBus } from "../../src/engine/event_bus.ts";
import { LoggerCore, silentLogger } from "../../src/log/logger.ts";
import { EgressPolicy } from "../../src/net/egress.ts";
import type { RuntimeServices } from "../../src/port/runtime.ts";
import { PrometheusMetrics } from "../../src/service/telemetry/metrics.ts";
import { ManualClock } from "../harness/manual_clock.ts";

/** Stands for a service in tests that only build: each of its members can be called and gives such an object. */
export function anyService(): object {
  return answering({});
}

/** Every member that is asked for is there, and is a function that can be called, looped over and printed. */
function answering(target: object): object {
  return new Proxy(target, {
    get(_target, key) {
      if (key === "then") return undefined;
      if (key === Symbol.iterator) return () => [].values();
      if (key === Symbol.toPrimitive) return () => "anything";
      return answering(() => answering(() => {}));
    },
    has: () => true,
    apply: () => answering(() => {}),
  });
}

/** Everything the engine gives components, with nothing behind it. */
export const quietRuntime: RuntimeServices = {
  log: silentLogger,
  clock: new ManualClock(),
  random: () => 0.5,
  uuid: () => "00000000-0000-4000-8000-000000000000",
  metrics: new PrometheusMetrics(),
  events: new ProcessEventBus(silentLogger),
  health: { check: async () => ({}), isReady: true },
  logs: new LoggerCore("error", []),
  egress: new EgressPolicy(),
  dispatcher: {
    target: (workflow, action) => ({
      workflow,
      action,
      run: () => ({}),
      acceptProblem: () => undefined,
      accept: () => Promise.resolve({ id: "" }),
    }),
  },
  pipelines: { find: () => undefined, names: () => [] },
  configDir: "/nowhere",
  dataDir: "/nowhere/data",
  version: "test",
  isDevelopment: false,
};
