import { readFileSync } from "node:fs";
import { loadConfigFile, emptyConfig } from "../config/load.ts";
import type { Config } from "../config/config.ts";
import { Engine } from "../engine/engine.ts";
import { ProcessEventBus } from "../engine/event_bus.ts";
import { Listener } from "../engine/listener.ts";
import { SecretResolver } from "../engine/secrets.ts";
import { watchFiles } from "../engine/watch.ts";
import { messageOf, prefixed, WorkflowError } from "../error/error.ts";
import { formatProblem } from "../error/format.ts";
import { Logger, LoggerCore, lineSink, type LogFormat, type LogLevel } from "../log/logger.ts";
import { LineOutput } from "../log/output.ts";
import { managementHandle } from "../management/app.ts";
import { addressMatcher, parseListenAddress } from "../net/address.ts";
import { makeRegistry } from "../plugin/index.ts";
import type { ListenerOptions } from "../port/http.ts";
import type { ProcessServices } from "../runtime/generation.ts";
import { PrometheusMetrics } from "../service/telemetry/metrics.ts";
import { systemClock } from "../time/clock.ts";
import { version } from "../version.ts";
import type { Settings } from "./flags.ts";

/** Time for finishing work after the first signal, in milliseconds. */
const shutdownMs = 30_000;

/** A running server; `stop` drains it. */
export interface RunningServer {
  readonly engine: Engine;
  readonly managementPort: number;
  stop(): Promise<boolean>;
}

/** Runs the server until a signal ends it; gives the exit code. Throws what keeps it from starting. */
export async function serve(
  settings: Settings,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  const output = new LineOutput(1);
  process.on("exit", () => output.flush());
  const level = oneOf<LogLevel>(settings.text["log-level"], ["debug", "info", "warn", "error"], "log-level");
  const format = oneOf<LogFormat>(settings.text["log-format"], ["text", "json"], "log-format");
  const core = new LoggerCore(level, [lineSink(format, output.write)]);
  const log = new Logger(core);
  const server = await startServer(settings, environment, core, log);
  const signal = await firstSignal();
  log.info("Shutting down...", { signal });
  process.once("SIGTERM", () => process.exit(1));
  process.once("SIGINT", () => process.exit(1));
  const isClean = await server.stop();
  log.info("Shutdown complete");
  output.flush();
  return isClean ? 0 : 1;
}

function oneOf<T extends string>(text: string | undefined, words: readonly T[], flag: string): T {
  const word = words.find((candidate) => candidate === text?.toLowerCase());
  if (word !== undefined) return word;
  throw new WorkflowError("cli.usage", `-${flag} must be one of ${words.join(", ")}, got "${text ?? ""}"`);
}

function firstSignal(): Promise<string> {
  return new Promise((resolve) => {
    process.once("SIGTERM", () => resolve("SIGTERM"));
    process.once("SIGINT", () => resolve("SIGINT"));
  });
}

async function startServer(
  settings: Settings,
  environment: Readonly<Record<string, string | undefined>>,
  core: LoggerCore,
  log: Logger,
): Promise<RunningServer> {
  const startedAtMs = Date.now();
  const services: ProcessServices = {
    log,
    clock: systemClock,
    random: Math.random,
    uuid: () => crypto.randomUUID(),
    metrics: new PrometheusMetrics(),
    events: new ProcessEventBus(log),
    logs: core,
    dataDir: settings.text["data-dir"] ?? "./data",
    version,
    isDevelopment: settings.isSet.dev === true,
  };
  const registry = makeRegistry();
  const secrets = new SecretResolver(registry.secretProviders, environment);
  const engine = new Engine({
    registry,
    services,
    secrets,
    environment,
    readFile: (path) => readFileSync(path, "utf8"),
    workDir: process.cwd(),
    address: settings.given.has("addr") ? settings.text.addr : undefined,
  });
  const configFile = settings.text.config;
  const config = load(configFile);
  const management = bindManagement(settings, config, log);
  try {
    const { warnings } = await engine.apply(config);
    for (const warning of warnings) log.warn(formatProblem(warning));
  } catch (error) {
    await management.abort();
    throw prefixed("Setup error: ", error);
  }
  const health = {
    check: (ms: number) => engine.current?.runtime.health.check(ms) ?? Promise.resolve({}),
    get isReady() {
      return engine.isReady;
    },
  };
  const isOpen = settings.isSet["admin-open"] === true;
  management.swap(managementHandle({ engine, registry, services, health, configFile, startedAtMs, isOpen }));
  log.info(`Admin UI on http://localhost:${management.port}`);
  for (const { address } of engine.addresses()) log.info(`Workflow engine on ${address}`);
  const unwatch =
    settings.isSet.watch === true && configFile !== undefined ? watchFiles(engine, configFile, log) : () => {};
  return { engine, managementPort: management.port, stop: () => stop(engine, management, log, unwatch) };
}

function load(configFile: string | undefined): Config {
  try {
    return configFile === undefined ? emptyConfig() : loadConfigFile(configFile);
  } catch (error) {
    throw prefixed("Configuration error: failed to load configuration: ", error);
  }
}

async function stop(engine: Engine, management: Listener, log: Logger, unwatch: () => void): Promise<boolean> {
  unwatch();
  const deadline = AbortSignal.timeout(shutdownMs);
  const errors = await engine.close(deadline);
  for (const error of errors) log.error("Engine shutdown error", { error: messageOf(error) });
  await management.abort();
  return errors.length === 0;
}

const managementOptions: Omit<ListenerOptions, "trustedProxies" | "isTrustedProxy"> = {
  idleTimeoutMs: 120_000,
  readTimeoutMs: 30_000,
  writeTimeoutMs: 120_000,
  tls: undefined,
  bodyBytesMax: 10 * 1024 * 1024,
};

/** Ports to try after the default one when the configuration wants that for itself. */
const managementPortTries = 20;

/**
 * Binds the management address. When the configuration's own server wants the default port and no address was given,
 * the next free port is taken instead.
 */
function bindManagement(settings: Settings, config: Config, log: Logger): Listener {
  const address = settings.text["mgmt-addr"] ?? ":8081";
  const trustedProxies = settings.text["trusted-proxies"] ?? "";
  const options = { ...managementOptions, trustedProxies, isTrustedProxy: addressMatcher(trustedProxies) };
  const { host, port } = parseListenAddress(address);
  if (settings.given.has("mgmt-addr") || !wantsPort(config, port)) return new Listener(address, options, log);
  for (let next = port + 1; next <= port + managementPortTries; next++) {
    try {
      const listener = new Listener(`${host}:${next}`, options, log);
      log.warn(`The configuration uses port ${port}, so the admin UI is on port ${next}; choose with -mgmt-addr`);
      return listener;
    } catch (error) {
      if (!(error instanceof WorkflowError) || error.code !== "start.address_in_use") throw error;
    }
  }
  throw new WorkflowError(
    "start.address_in_use",
    `no free port for the admin UI from ${port + 1} on; choose with -mgmt-addr`,
  );
}

function wantsPort(config: Config, port: number): boolean {
  return config.modules.some((module) => {
    const settings = module.kind === "map" ? module.entries.get("config")?.value : undefined;
    const address = settings?.kind === "map" ? settings.entries.get("address")?.value : undefined;
    return address?.kind === "scalar" && String(address.value).endsWith(`:${port}`);
  });
}
