import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Config } from "../../src/config/config.ts";
import { loadConfigFile, loadConfigText } from "../../src/config/load.ts";
import { Engine } from "../../src/engine/engine.ts";
import { ProcessEventBus } from "../../src/engine/event_bus.ts";
import { SecretResolver } from "../../src/engine/secrets.ts";
import { Logger, LoggerCore, type LogLevel, type LogRecord } from "../../src/log/logger.ts";
import { managementHandle } from "../../src/management/app.ts";
import { EgressPolicy } from "../../src/net/egress.ts";
import { insideConnection } from "../../src/port/exchange.ts";
import { makeRegistry } from "../../src/plugin/index.ts";
import type { ProcessServices } from "../../src/runtime/generation.ts";
import { Journal } from "../../src/service/journal/journal.ts";
import { SqliteStore } from "../../src/service/store/sqlite_store.ts";
import { PrometheusMetrics } from "../../src/service/telemetry/metrics.ts";
import { type Clock, systemClock } from "../../src/time/clock.ts";

export interface ServeOptions {
  /** Files beside the configuration, by relative name. */
  readonly files?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly clock?: Clock;
  readonly logLevel?: LogLevel;
  readonly isDevelopment?: boolean;
  /** Where calls may go; public addresses and this machine without it. */
  readonly egress?: EgressPolicy;
  /** Where runs are kept; in memory without it. */
  readonly dataDir?: string;
}

/** A server inside the test process, on a free port, from YAML. Close it with `await using`. */
export interface TestServer extends AsyncDisposable {
  readonly engine: Engine;
  readonly services: ProcessServices;
  /** Everything logged so far. */
  readonly records: readonly LogRecord[];
  readonly directory: string;
  /** `http://localhost:<port>` of the first http.server. */
  readonly url: string;
  fetch(path: string, init?: RequestInit): Promise<Response>;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
  /** Calls the management API without a socket, as a loopback peer. */
  manage(path: string, init?: RequestInit): Promise<Response>;
  reload(yaml: string): Promise<void>;
  /** Resolves when a record with this message was or is logged. */
  logged(message: string | RegExp): Promise<LogRecord>;
}

/** The http.server address to use in test configurations. */
export const anyAddress = "127.0.0.1:0";

/** Starts a configuration. A YAML text without `address: "127.0.0.1:0"` is a test's own risk. */
export async function serve(yaml: string, options: ServeOptions = {}): Promise<TestServer> {
  const directory = mkdtempSync(join(tmpdir(), "workflow-test-"));
  for (const [name, text] of Object.entries({ ...options.files, "workflow.yaml": yaml })) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
  const started = makeEngine(directory, options);
  try {
    await started.engine.apply(loadConfigFile(join(directory, "workflow.yaml")));
    if (options.dataDir !== undefined) await started.services.journal?.recover();
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    throw error;
  }
  return testServer(directory, started);
}

interface Started {
  readonly engine: Engine;
  readonly services: ProcessServices;
  readonly records: LogRecord[];
  readonly core: LoggerCore;
}

function makeEngine(directory: string, options: ServeOptions): Started {
  const records: LogRecord[] = [];
  const core = new LoggerCore(options.logLevel ?? "info", [(record) => void records.push(record)]);
  const log = new Logger(core);
  const clock = options.clock ?? systemClock;
  const metrics = new PrometheusMetrics();
  const path = options.dataDir === undefined ? ":memory:" : join(options.dataDir, "workflow.db");
  const services: ProcessServices = {
    log,
    clock,
    random: Math.random,
    uuid: () => crypto.randomUUID(),
    metrics,
    journal: new Journal({ open: () => SqliteStore.openHere(path), clock, log, metrics }),
    events: new ProcessEventBus(log),
    logs: core,
    egress: options.egress ?? new EgressPolicy({ allow: ["loopback"] }),
    dataDir: options.dataDir ?? join(directory, "data"),
    version: "test",
    isDevelopment: options.isDevelopment === true,
  };
  const registry = makeRegistry();
  const environment = options.environment ?? {};
  const engine = new Engine({
    registry,
    services,
    secrets: new SecretResolver(registry.secretProviders, environment),
    environment,
    readFile: (path) => readFileSync(path, "utf8"),
    workDir: directory,
  });
  return { engine, services, records, core };
}

function testServer(directory: string, { engine, services, records, core }: Started): TestServer {
  const health = {
    check: (ms: number) => engine.current?.runtime.health.check(ms) ?? Promise.resolve({}),
    get isReady() {
      return engine.isReady;
    },
  };
  const management = managementHandle({
    engine,
    registry: makeRegistry(),
    services,
    health,
    configFile: join(directory, "workflow.yaml"),
    startedAtMs: Date.now(),
    isOpen: false,
  });
  const url = () => `http://localhost:${engine.addresses()[0]?.port ?? 0}`;
  const server: TestServer = {
    engine,
    services,
    records,
    directory,
    get url() {
      return url();
    },
    fetch: (path, init) => fetch(url() + path, { redirect: "manual", ...init }),
    get: (path, headers = {}) => fetch(url() + path, { headers, redirect: "manual" }),
    post: (path, body, headers = {}) =>
      fetch(url() + path, {
        method: "POST",
        redirect: "manual",
        headers: { "content-type": "application/json", ...headers },
        ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      }),
    manage: async (path, init) => {
      const request = new Request(`http://localhost${path}`, init);
      request.headers.set("host", "localhost");
      return management(request, { ...insideConnection, peer: () => "127.0.0.1" });
    },
    reload: async (yaml) => {
      const config: Config = loadConfigText(yaml, "reload.yaml", directory);
      await engine.apply(config);
    },
    logged: (message) => {
      const matches = (record: LogRecord) =>
        typeof message === "string" ? record.message === message : message.test(record.message);
      const before = records.find(matches);
      if (before !== undefined) return Promise.resolve(before);
      return new Promise((resolve) => {
        const unsubscribe = core.subscribe((record) => {
          if (!matches(record)) return;
          unsubscribe();
          resolve(record);
        });
      });
    },
    async [Symbol.asyncDispose]() {
      await engine.close(AbortSignal.timeout(5000));
      await services.journal?.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
  return server;
}

/** Checks a configuration without starting it: messages with `line:column`, errors and warnings apart. */
export async function check(
  yaml: string,
  options: ServeOptions = {},
): Promise<{ errors: string[]; warnings: string[] }> {
  const directory = mkdtempSync(join(tmpdir(), "workflow-check-"));
  try {
    for (const [name, text] of Object.entries(options.files ?? {})) {
      mkdirSync(dirname(join(directory, name)), { recursive: true });
      writeFileSync(join(directory, name), text);
    }
    const { engine } = makeEngine(directory, options);
    const { errors, warnings } = await engine.check(loadConfigText(yaml, "workflow.yaml", directory));
    const show = (problem: (typeof errors)[number]) => {
      const [at] = problem.at;
      return `${at === undefined ? "" : `${at.line}:${at.column}: `}${problem.message}`;
    };
    return { errors: errors.map(show), warnings: warnings.map(show) };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Modules of a server with a router, and pipelines beside them: the frame of most pipeline tests. */
export function withServer(rest: string): string {
  return `modules:
  - name: server
    type: http.server
    config: { address: "${anyAddress}" }
  - name: router
    type: http.router
    dependsOn: [server]
${rest}`;
}
