import type { Config } from "../../config/config.ts";
import { loadConfigFile } from "../../config/load.ts";
import type { Engine } from "../../engine/engine.ts";
import { asWorkflowError, ConfigErrors, WorkflowError } from "../../error/error.ts";
import { formatFailure, formatProblem, type ProblemFacts, problemFacts } from "../../error/format.ts";
import { encodeJsonLine } from "../../json/encode.ts";
import { keysOf } from "../../json/map.ts";
import type { Exchange } from "../../port/exchange.ts";
import { plainValue } from "../../schema/node.ts";
import { readConfigBody } from "../config_body.ts";
import type { ManagementContext, ManagementRoute } from "../route.ts";

/** Status, validation and reload of the engine. */
export const engineRoutes: readonly ManagementRoute[] = [
  {
    method: "GET",
    path: "/api/v1/admin/engine/status",
    aliases: ["/api/workflow/status"],
    access: "guide",
    summary: "What is running: counts, version, addresses and the last reload.",
    handle: (_exchange, context) => json(200, statusOf(context), { etag: `"${context.engine.configHash}"` }),
  },
  {
    method: "POST",
    path: "/api/v1/admin/engine/validate",
    aliases: ["/api/workflow/validate"],
    access: "guide",
    summary: "Checks a configuration and reports every problem with its position.",
    handle: validate,
  },
  {
    method: "POST",
    path: "/api/v1/admin/engine/reload",
    aliases: ["/api/workflow/reload"],
    access: "guide",
    summary:
      "Replaces the running configuration by the one sent, or by the file read again. The old one serves until then.",
    handle: reload,
  },
];

function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(encodeJsonLine(body), { status, headers: { "content-type": "application/json", ...headers } });
}

function facts(
  severity: "error" | "warning",
): (problem: WorkflowError) => ProblemFacts & { readonly severity: string } {
  return (problem) => ({ ...problemFacts(problem), severity });
}

async function validate(exchange: Exchange, context: ManagementContext): Promise<Response> {
  const isStrict = ["1", "true"].includes(exchange.query.get("strict") ?? "");
  const { errors, warnings } = await checkBody(exchange, context);
  const all = isStrict ? [...errors, ...warnings] : errors;
  return json(200, {
    valid: all.length === 0,
    errors: all.map(formatProblem),
    warnings: isStrict ? [] : warnings.map(formatProblem),
    problems: [...errors.map(facts("error")), ...warnings.map(facts(isStrict ? "error" : "warning"))],
  });
}

async function checkBody(
  exchange: Exchange,
  { engine }: ManagementContext,
): Promise<{ readonly errors: readonly WorkflowError[]; readonly warnings: readonly WorkflowError[] }> {
  try {
    const sent = await readConfigBody(exchange, directoryOf(engine));
    if (sent === undefined)
      throw new WorkflowError("http.bad_request", "the request body is empty: send a configuration");
    return await engine.check(sent.config);
  } catch (error) {
    // A document that parses as YAML and is wrong in shape or by its imports is a finding, not a bad request.
    if (error instanceof ConfigErrors && !isUnreadable(error)) {
      return { errors: error.problems, warnings: error.warnings };
    }
    if (error instanceof ConfigErrors) throw withProblems("config.syntax", error, { valid: false });
    if (error instanceof WorkflowError && error.status === 422) return { errors: [error], warnings: [] };
    throw error;
  }
}

async function reload(exchange: Exchange, context: ManagementContext): Promise<Response> {
  const { engine, services } = context;
  const config = await readNewConfig(exchange, context).catch((error: unknown) => {
    services.log.error("Config reload failed", { error: formatFailure(asWorkflowError(error)) });
    throw reloadFailure(error);
  });
  if (config === undefined) return json(503, { error: "reload not configured" });
  const ifMatch = exchange.headers.get("if-match");
  const onlyIfHash = ifMatch === null ? undefined : (hash: string) => matchesTag(ifMatch, hash);
  const { warnings } = await engine.apply(config, { onlyIfHash }).catch((error: unknown) => {
    throw reloadFailure(error);
  });
  const headers = { etag: `"${engine.configHash}"` };
  return json(200, { status: "reloaded", warnings: warnings.map(formatProblem) }, headers);
}

/** The configuration that was sent, or the file read again; undefined when there is neither. */
async function readNewConfig(
  exchange: Exchange,
  { engine, configFile }: ManagementContext,
): Promise<Config | undefined> {
  const sent = await readConfigBody(exchange, directoryOf(engine));
  if (sent !== undefined) return sent.config;
  return configFile === undefined ? undefined : loadConfigFile(configFile);
}

function directoryOf(engine: Engine): string {
  return engine.config?.configDir ?? process.cwd();
}

/** `If-Match` names the hash of the running configuration, or `*` (RFC 9110 §13.1.1). */
function matchesTag(ifMatch: string, hash: string): boolean {
  return ifMatch.trim() === "*" || ifMatch.split(",").some((tag) => tag.trim() === `"${hash}"`);
}

/** True when the text itself could not be read as YAML. */
function isUnreadable(error: ConfigErrors): boolean {
  return error.problems.every((problem) => problem.code === "config.syntax");
}

function withProblems(
  code: "config.syntax" | "config.invalid",
  error: ConfigErrors,
  more: Readonly<Record<string, unknown>> = {},
): WorkflowError {
  const problems = [...error.problems.map(facts("error")), ...error.warnings.map(facts("warning"))];
  const details = { ...more, errors: error.problems.map(formatProblem), problems };
  return new WorkflowError(code, error.message, { at: error.at, details, cause: error });
}

/** 400 for text that is not YAML; 422 with every problem for what is invalid or does not start. */
function reloadFailure(error: unknown): unknown {
  if (error instanceof ConfigErrors)
    return withProblems(isUnreadable(error) ? "config.syntax" : "config.invalid", error);
  if (!(error instanceof WorkflowError) || error.status === 503) return error;
  const isStart = error.status >= 500;
  if (!isStart && error.at.length === 0) return error;
  // Why a configuration does not start is what its author has to know; it concerns nobody's data.
  const details = {
    ...error.details,
    ...(isStart ? { rolledBack: true } : {}),
    errors: [formatProblem(error)],
    problems: [facts("error")(error)],
  };
  const status = isStart ? 422 : error.status;
  return new WorkflowError(error.code, error.message, {
    at: error.at,
    hint: error.hint,
    details,
    cause: error,
    status,
  });
}

function statusOf({ engine, services, startedAtMs, configFile }: ManagementContext): Record<string, unknown> {
  const { current, config, lastReload } = engine;
  return {
    status: engine.state,
    isReady: engine.isReady,
    moduleCount: current?.moduleCount ?? 0,
    workflowCount: config === undefined ? 0 : keysOf(plainValue(config.workflows)).length,
    pipelineCount: current?.pipelineNames().length ?? 0,
    triggerCount: current?.triggerCount ?? 0,
    generation: engine.generationNumber,
    version: services.version,
    startedAt: new Date(startedAtMs).toISOString(),
    uptimeSeconds: Math.floor((services.clock.now() - startedAtMs) / 1000),
    configPath: configFile ?? null,
    configHash: engine.configHash,
    addresses: engine.addresses(),
    lastReload:
      lastReload === undefined
        ? null
        : { at: new Date(lastReload.at).toISOString(), ok: lastReload.isOk, error: lastReload.error },
  };
}
