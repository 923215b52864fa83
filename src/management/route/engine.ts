import { loadConfigFile } from "../../config/load.ts";
import { ConfigErrors, WorkflowError } from "../../error/error.ts";
import { formatProblem, type ProblemFacts, problemFacts } from "../../error/format.ts";
import { encodeJsonLine } from "../../json/encode.ts";
import { keysOf } from "../../json/map.ts";
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
    handle: (_exchange, context) => json(200, statusOf(context)),
  },
  {
    method: "POST",
    path: "/api/v1/admin/engine/validate",
    aliases: ["/api/workflow/validate"],
    access: "guide",
    summary: "Checks a configuration and reports every problem with its position.",
    async handle(exchange, context) {
      const isStrict = ["1", "true"].includes(exchange.query.get("strict") ?? "");
      const { errors, warnings } = await checkBody(exchange, context);
      const all = isStrict ? [...errors, ...warnings] : errors;
      return json(200, {
        valid: all.length === 0,
        errors: all.map(formatProblem),
        warnings: isStrict ? [] : warnings.map(formatProblem),
        problems: [...errors.map(facts("error")), ...warnings.map(facts(isStrict ? "error" : "warning"))],
      });
    },
  },
  {
    method: "POST",
    path: "/api/v1/admin/engine/reload",
    aliases: ["/api/workflow/reload"],
    access: "guide",
    summary:
      "Replaces the running configuration by the one sent, or by the file read again. The old one serves until then.",
    async handle(exchange, context) {
      const { engine, configFile } = context;
      requireFresh(exchange.headers.get("if-match"), engine.configHash);
      const sent = await readConfigBody(exchange, engine.config?.configDir ?? process.cwd());
      if (sent === undefined && configFile === undefined) {
        const hint = "send a configuration, or start the server with -config";
        throw new WorkflowError("http.bad_request", "reload not configured", { status: 503, hint });
      }
      const config = sent?.config ?? loadConfigFile(configFile ?? "");
      const { warnings } = await engine.apply(config).catch((error: unknown) => {
        throw reloadFailure(error);
      });
      const headers = { etag: `"${engine.configHash}"` };
      return json(200, { status: "reloaded", warnings: warnings.map(formatProblem) }, headers);
    },
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

async function checkBody(
  exchange: Parameters<ManagementRoute["handle"]>[0],
  { engine }: ManagementContext,
): Promise<{ readonly errors: readonly WorkflowError[]; readonly warnings: readonly WorkflowError[] }> {
  try {
    const sent = await readConfigBody(exchange, engine.config?.configDir ?? process.cwd());
    if (sent === undefined)
      throw new WorkflowError("http.bad_request", "the request body is empty: send a configuration");
    return await engine.check(sent.config);
  } catch (error) {
    // A document that parses as YAML and is wrong in shape or by its imports is a finding, not a bad request.
    if (error instanceof ConfigErrors) throw badDocument(error);
    if (error instanceof WorkflowError && error.status === 422) return { errors: [error], warnings: [] };
    throw error;
  }
}

function badDocument(error: ConfigErrors): WorkflowError {
  const details = {
    valid: false,
    errors: error.problems.map(formatProblem),
    problems: error.problems.map(facts("error")),
  };
  return new WorkflowError("config.syntax", error.message, { at: error.at, details, cause: error });
}

/** An invalid configuration is 422 with every problem; one that does not start is 500, rolled back. */
function reloadFailure(error: unknown): unknown {
  if (error instanceof ConfigErrors) {
    const details = { errors: error.problems.map(formatProblem), problems: error.problems.map(facts("error")) };
    return new WorkflowError("config.invalid", error.message, { at: error.at, details, cause: error });
  }
  if (!(error instanceof WorkflowError) || error.status < 500) return error;
  // Why a configuration does not start is what its author has to know; it concerns nobody's data.
  return new WorkflowError("config.invalid", error.message, {
    at: error.at,
    details: { rolledBack: true },
    cause: error,
    status: 422,
  });
}

function requireFresh(ifMatch: string | null, hash: string): void {
  if (ifMatch === null || ifMatch === "*" || ifMatch.split(",").some((tag) => tag.trim() === `"${hash}"`)) return;
  const hint = "read the status again and repeat the change on the current configuration";
  throw new WorkflowError("management.stale", "the running configuration is not the one that If-Match names", { hint });
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
