import { readFileSync } from "node:fs";
import { loadConfigFile } from "../config/load.ts";
import { type CheckResult, Engine } from "../engine/engine.ts";
import { SecretResolver } from "../engine/secrets.ts";
import { ConfigErrors, asWorkflowError } from "../error/error.ts";
import { formatProblem } from "../error/format.ts";
import { LoggerCore } from "../log/logger.ts";
import { makeRegistry } from "../plugin/index.ts";
import { makeProcessServices } from "./process_services.ts";
import { type Settings, usage } from "./settings.ts";

/** `server validate FILE…`: prints every problem, one a line; 1 when there is an error. */
export async function validate(
  files: readonly string[],
  settings: Settings,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  const config = settings.text("config");
  const all = files.length === 0 && config !== undefined ? [config] : files;
  if (all.length === 0) throw usage("validate needs a file", "write: server validate workflow.yaml");
  const engine = checkingEngine(settings, environment);
  let isSound = true;
  for (const file of all) {
    const found = await checkFile(engine, file);
    const { errors, warnings } = settings.isSet("strict") ? strict(found) : found;
    for (const problem of errors) process.stdout.write(`error: ${formatProblem(problem)}\n`);
    for (const problem of warnings) process.stdout.write(`warning: ${formatProblem(problem)}\n`);
    const verdict = errors.length === 0 ? "valid" : "invalid";
    process.stdout.write(`${file}: ${verdict}, ${errors.length} error(s), ${warnings.length} warning(s)\n`);
    isSound &&= errors.length === 0;
  }
  return isSound ? 0 : 1;
}

/** An engine that only checks: it logs nothing and never starts anything. */
function checkingEngine(settings: Settings, environment: Readonly<Record<string, string | undefined>>): Engine {
  const registry = makeRegistry();
  const services = makeProcessServices(new LoggerCore("error", []), {
    dataDir: "./data",
    isDevelopment: false,
    egressAllow: settings.text("egress-allow"),
  });
  const secrets = new SecretResolver(registry.secretProviders, environment);
  const readFile = (path: string) => readFileSync(path, "utf8");
  return new Engine({ registry, services, secrets, environment, readFile, workDir: process.cwd() });
}

function strict({ errors, warnings }: CheckResult): CheckResult {
  return { errors: [...errors, ...warnings], warnings: [] };
}

async function checkFile(engine: Engine, file: string): Promise<CheckResult> {
  try {
    return await engine.check(loadConfigFile(file));
  } catch (error) {
    if (error instanceof ConfigErrors) return { errors: error.problems, warnings: error.warnings };
    return { errors: [asWorkflowError(error)], warnings: [] };
  }
}
