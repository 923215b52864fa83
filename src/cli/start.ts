import { existsSync, mkdirSync, readFileSync } from "node:fs";
import type { Config } from "../config/config.ts";
import { emptyConfig, loadConfigFile } from "../config/load.ts";
import { Engine } from "../engine/engine.ts";
import type { Listener } from "../engine/listener.ts";
import { SecretResolver } from "../engine/secrets.ts";
import { watchFiles } from "../engine/watch.ts";
import { asWorkflowError, messageOf, prefixed, WorkflowError } from "../error/error.ts";
import { formatProblem } from "../error/format.ts";
import type { Logger, LoggerCore } from "../log/logger.ts";
import { managementHandle } from "../management/app.ts";
import { metricsHandle } from "../management/metrics_handle.ts";
import { isAlwaysDurable } from "../plan/pipeline.ts";
import { makeRegistry } from "../plugin/index.ts";
import { Scope } from "../scope/scope.ts";
import { JournalKeeper, type Retention } from "../service/journal/keeper.ts";
import { parseDuration } from "../time/duration.ts";
import { flagWarnings } from "./flag_check.ts";
import { bindManagement, bindMetrics, serversOf } from "./management_listener.ts";
import { type CliServices, makeProcessServices, storePath } from "./process_services.ts";
import type { Settings } from "./settings.ts";
import { stopServer } from "./stop.ts";

/** A running server. */
export interface RunningServer {
  /** Drains it and ends everything; gives what went wrong. */
  stop(): Promise<readonly WorkflowError[]>;
}

/** What a server is started from. */
export interface StartOptions {
  readonly settings: Settings;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly core: LoggerCore;
  readonly log: Logger;
}

/** Starts the engine and the management port. Throws what keeps it from starting, and leaves nothing open then. */
export async function startServer(options: StartOptions): Promise<RunningServer> {
  const scope = new Scope("server");
  try {
    return await startIn(scope, options);
  } catch (error) {
    await scope.close();
    throw error;
  }
}

async function startIn(scope: Scope, options: StartOptions): Promise<RunningServer> {
  const { settings, log } = options;
  const startedAtMs = Date.now();
  const dataDir = settings.text("data-dir") ?? "./data";
  const retention = retentionOf(settings);
  const services = makeProcessServices(options.core, {
    dataDir,
    isDevelopment: settings.isSet("dev"),
    egressAllow: settings.text("egress-allow"),
  });
  makeDataDir(services.dataDir, log);
  // Its thread starts while the configuration is read, unless there is nothing to take up: then requests come first.
  const opening = existsSync(storePath(services.dataDir)) ? openStore(services) : undefined;
  scope.defer("journal", () => services.journal.close());
  const registry = makeRegistry();
  const environment = withLicense(options);
  const secrets = new SecretResolver(registry.secretProviders, environment);
  const configFile = settings.text("config");
  const config = load(configFile);
  if (configFile === undefined) log.info("No config file specified, using empty workflow config");
  for (const text of flagWarnings(settings, { hasServer: serversOf(config, registry).length > 0 })) log.warn(text);
  const engine = new Engine({
    registry,
    services,
    secrets,
    environment,
    readFile: (path) => readFileSync(path, "utf8"),
    workDir: process.cwd(),
    address: settings.isGiven("addr") ? settings.text("addr") : undefined,
  });
  try {
    const management = own(scope, await inSetup(() => bindManagement(settings, { config, registry, secrets }, log)));
    const metricsAddress = settings.text("metrics-addr");
    if (metricsAddress !== undefined) {
      const metrics = own(scope, await inSetup(() => bindMetrics(metricsAddress, settings, log)));
      metrics.swap(metricsHandle(engine, services.metrics));
      log.info(`Metrics on port ${metrics.port}`);
    }
    // Before the first trigger or listener: a run that begins later must not be taken for one of an earlier process.
    if (opening !== undefined && (await opening) === undefined) await inSetup(() => services.journal.recover());
    const { warnings } = await inSetup(() => engine.apply(config));
    const failure = await (opening ?? openStore(services));
    if (failure !== undefined) await inSetup(() => goWithoutStore(engine, services, { failure, log }));
    const keeper = new JournalKeeper(services.journal, { log, metrics: services.metrics, retention });
    if (failure === undefined) scope.every("journal keeping", keepingMs, () => keeper.turn());
    for (const warning of warnings) log.warn(formatProblem(warning));
    const health = healthOf(engine);
    const isOpen = settings.isSet("admin-open");
    management.swap(managementHandle({ engine, registry, services, health, configFile, startedAtMs, isOpen }));
    log.info(`Admin UI on http://localhost:${management.port}`);
    for (const { address, port } of engine.addresses()) {
      log.info(`Workflow engine on ${address.replace(/:0$/, `:${port}`)}`);
    }
    if (settings.isSet("watch") && configFile !== undefined) watchFiles(engine, configFile, log, scope);
    return { stop: () => stopServer(engine, scope) };
  } catch (error) {
    await engine.close(AbortSignal.timeout(lastAnswersMs));
    throw error;
  }
}

function load(configFile: string | undefined): Config {
  try {
    return configFile === undefined ? emptyConfig() : loadConfigFile(configFile);
  } catch (error) {
    throw prefixed("Configuration error: failed to load configuration: ", error);
  }
}

async function inSetup<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw prefixed("Setup error: ", error);
  }
}

/** The license key is a variable of the process, like any other, for those who ask for it. */
function withLicense({ settings, environment }: StartOptions): Readonly<Record<string, string | undefined>> {
  const key = settings.text("license-key");
  if (key === undefined) return environment;
  process.env.WORKFLOW_LICENSE_KEY = key;
  return { ...environment, WORKFLOW_LICENSE_KEY: key };
}

/** Time between two looks at the journal, in milliseconds. */
const keepingMs = 60_000;

/** Runs that are not durable are recorded for looking at, not for the archive. */
const undurableMax = 100_000;

function retentionOf(settings: Settings): Retention {
  const text = settings.text("retention") ?? "720h";
  try {
    return { finishedMs: parseDuration(text), undurableMax };
  } catch (error) {
    throw prefixed(`flag -retention: ${JSON.stringify(text)} is no duration: `, error, "cli.usage");
  }
}

/** What keeps the store from being used, or nothing. */
async function openStore({ journal }: CliServices): Promise<WorkflowError | undefined> {
  try {
    await journal.store();
    return undefined;
  } catch (error) {
    return asWorkflowError(error);
  }
}

/** A configuration that needs the store does not run without it. */
function goWithoutStore(
  engine: Engine,
  { dataDir }: CliServices,
  { failure, log }: { readonly failure: WorkflowError; readonly log: Logger },
): void {
  const durable = engine.current?.plan.pipelines.find(isAlwaysDurable);
  if (durable === undefined) {
    log.warn("Executions are not recorded", { error: failure.message, dataDir });
    return;
  }
  const text = `pipeline "${durable.name}" needs the execution store in ${dataDir}: ${failure.message}`;
  const hint = "give each server a data directory of its own that it may write (`-data-dir`)";
  throw new WorkflowError("store.failed", text, { at: [durable.at], hint, cause: failure });
}

/** What needs the directory fails by itself where it cannot be made; a server without such parts runs. */
function makeDataDir(path: string, log: Logger): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o750 });
    log.info("System hierarchy ready", { dataDir: path });
  } catch (error) {
    log.warn("The data directory cannot be made", { dataDir: path, error: messageOf(error) });
  }
}

function healthOf(engine: Engine) {
  return {
    check: (ms: number) => engine.current?.runtime.health.check(ms) ?? Promise.resolve({}),
    get isReady() {
      return engine.isReady;
    },
  };
}

/** Ties a listener to the scope: it answers what is in flight for a moment and is then ended. */
function own(scope: Scope, listener: Listener): Listener {
  scope.defer(`listener on ${listener.address}`, async () => {
    await listener.lease?.idle(AbortSignal.timeout(lastAnswersMs));
    await listener.abort();
  });
  return listener;
}

/** Time for the last answers of the management port, in milliseconds. */
const lastAnswersMs = 1000;
