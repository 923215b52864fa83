import { loadConfigFile } from "../config/load.ts";
import { Engine } from "../engine/engine.ts";
import { ProcessEventBus } from "../engine/event_bus.ts";
import { SecretResolver } from "../engine/secrets.ts";
import { ConfigErrors, asWorkflowError, WorkflowError } from "../error/error.ts";
import { formatProblem } from "../error/format.ts";
import { LoggerCore, silentLogger } from "../log/logger.ts";
import { makeRegistry } from "../plugin/index.ts";
import { PrometheusMetrics } from "../service/telemetry/metrics.ts";
import { systemClock } from "../time/clock.ts";
import { version } from "../version.ts";

/** `server validate FILE…`: prints every problem, one a line; 1 when there is an error. */
export async function validate(
  files: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string,
): Promise<number> {
  if (files.length === 0)
    throw new WorkflowError("cli.usage", "validate needs a file", { hint: "server validate workflow.yaml" });
  const registry = makeRegistry();
  const services = {
    log: silentLogger,
    clock: systemClock,
    random: Math.random,
    uuid: () => crypto.randomUUID(),
    metrics: new PrometheusMetrics(),
    events: new ProcessEventBus(silentLogger),
    logs: new LoggerCore("error", []),
    dataDir: "./data",
    version,
    isDevelopment: false,
  };
  const secrets = new SecretResolver(registry.secretProviders, environment);
  const engine = new Engine({ registry, services, secrets, environment, readFile, workDir: process.cwd() });
  let isSound = true;
  for (const file of files) {
    const { errors, warnings } = await checkFile(engine, file);
    for (const problem of errors) process.stdout.write(`error: ${formatProblem(problem)}\n`);
    for (const problem of warnings) process.stdout.write(`warning: ${formatProblem(problem)}\n`);
    process.stdout.write(
      `${file}: ${errors.length === 0 ? "valid" : "invalid"}, ${errors.length} error(s), ${warnings.length} warning(s)\n`,
    );
    isSound &&= errors.length === 0;
  }
  return isSound ? 0 : 1;
}

async function checkFile(engine: Engine, file: string) {
  try {
    return await engine.check(loadConfigFile(file));
  } catch (error) {
    return { errors: error instanceof ConfigErrors ? error.problems : [asWorkflowError(error)], warnings: [] };
  }
}
