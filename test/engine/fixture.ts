import { loadConfigText } from "../../src/config/load.ts";
import { defineModule, definePlugin } from "../../src/define/define.ts";
import { buildRegistry } from "../../src/define/registry.ts";
import { Engine } from "../../src/engine/engine.ts";
import { ProcessEventBus } from "../../src/engine/event_bus.ts";
import { SecretResolver } from "../../src/engine/secrets.ts";
import { WorkflowError } from "../../src/error/error.ts";
import { Logger, LoggerCore, type LogRecord } from "../../src/log/logger.ts";
import { EgressPolicy } from "../../src/net/egress.ts";
import { makeRegistry } from "../../src/plugin/index.ts";
import { definePort, optionalRef, Type } from "../../src/schema/field.ts";
import { PrometheusMetrics } from "../../src/service/telemetry/metrics.ts";
import { systemClock } from "../../src/time/clock.ts";

const Probe = definePort<object>("probe", "a probe");

/** An engine that knows `test.probe` and `test.carried` beside everything else, and what its probes did. */
export interface ProbedEngine extends AsyncDisposable {
  readonly engine: Engine;
  /** `<what> <module>/<mark>`, in order. */
  readonly events: string[];
  readonly records: readonly LogRecord[];
  apply(yaml: string): Promise<void>;
  /** Lets the drains of probes with `hold: true` end. */
  release(): void;
  /** Resolves once the event has happened. */
  happened(event: string): Promise<void>;
}

/** Makes the engine. */
export function probedEngine(): ProbedEngine {
  const events: string[] = [];
  const records: LogRecord[] = [];
  const held: (() => void)[] = [];
  const waiting = new Map<string, () => void>();
  const note = (event: string) => {
    events.push(event);
    waiting.get(event)?.();
  };
  const family = {
    plugin: definePlugin({ name: "probes", version: "1.0.0", summary: "Probes.", capabilities: [] }),
    definitions: [
      probeModule("test.probe", undefined, note, held),
      probeModule("test.carried", "instance", note, held),
    ],
  };
  const standard = makeRegistry();
  const registry = buildRegistry([...standard.families, family], [...standard.unavailable.values()]);
  const core = new LoggerCore("debug", [(record) => void records.push(record)]);
  const log = new Logger(core);
  const engine = new Engine({
    registry,
    services: {
      log,
      clock: systemClock,
      random: Math.random,
      uuid: () => crypto.randomUUID(),
      metrics: new PrometheusMetrics(),
      events: new ProcessEventBus(log),
      logs: core,
      egress: new EgressPolicy(),
      dataDir: "/nowhere",
      version: "test",
      isDevelopment: false,
    },
    secrets: new SecretResolver(registry.secretProviders, {}),
    environment: {},
    readFile: () => "",
    workDir: "/nowhere",
  });
  const waited = (event: string) => {
    const gate = Promise.withResolvers<void>();
    waiting.set(event, gate.resolve);
    return gate.promise;
  };
  const release = () => {
    for (const open of held.splice(0)) open();
  };
  return {
    engine,
    events,
    records,
    apply: async (yaml) => void (await engine.apply(loadConfigText(yaml, "a.yaml", "/nowhere"))),
    release,
    happened: (event) => (events.includes(event) ? Promise.resolve() : waited(event)),
    async [Symbol.asyncDispose]() {
      release();
      await engine.close(AbortSignal.timeout(2000));
    },
  };
}

function probeModule(type: string, carry: "instance" | undefined, note: (event: string) => void, held: (() => void)[]) {
  return defineModule({
    type,
    summary: "Notes what is done to it.",
    category: "platform",
    provides: [Probe],
    ...(carry === undefined ? {} : { carry }),
    config: Type.Object({
      mark: Type.String({ description: "Told apart by it.", default: "" }),
      fail: Type.String({ description: "What fails.", default: "" }),
      hold: Type.Boolean({ description: "Whether draining waits for the test.", default: false }),
      other: optionalRef(Probe, { description: "Another probe." }),
    }),
    create({ name }, { mark, fail, hold }) {
      const act = (what: string) => {
        note(`${what} ${name}/${mark}`);
        if (fail === what) throw new WorkflowError("module.failed", `${what} of ${name} failed`);
      };
      act("create");
      return {
        service: {},
        start(scope) {
          act("start");
          scope.defer("probe", () => act("close"));
        },
        open: () => act("open"),
        async drain() {
          act("drain");
          if (!hold) return;
          const gate = Promise.withResolvers<void>();
          held.push(gate.resolve);
          await gate.promise;
        },
      };
    },
  });
}

/** A configuration of probes: `[name, type, settings]`. */
export function probes(...modules: readonly (readonly [string, string, string?])[]): string {
  const lines = modules.map(
    ([name, type, config]) => `  - { name: ${name}, type: ${type}, config: { ${config ?? ""} } }\n`,
  );
  return `modules:\n${lines.join("")}pipelines: { p: { steps: [] } }\n`;
}
