import { defineTrigger } from "../../define/define.ts";
import { type Exchange, jsonObjectOf } from "../../port/exchange.ts";
import { type Handle, HttpMiddleware, Router, RouteRank } from "../../port/http.ts";
import type { TriggerWork } from "../../define/definition.ts";
import { WorkflowError } from "../../error/error.ts";
import { acceptedAnswer } from "../../port/pipeline.ts";
import type { WorkflowTarget } from "../../port/runtime.ts";
import { ref, Type } from "../../schema/field.ts";

const accepted = '{"status": "workflow triggered"}';
const jsonHeaders = { "content-type": "application/json" };

/** Starts a workflow for each request and answers with what its steps wrote. */
export default defineTrigger({
  type: "http",
  summary: "Starts a workflow for each request to a path.",
  listKey: "routes",
  entry: Type.Object({
    path: Type.String({ description: "Path with `{name}` or `:name` parameters.", minLength: 1 }),
    method: Type.String({ description: "HTTP method.", default: "POST" }),
    router: ref(Router, {
      description: "Router for the route.",
      fallback: ["httpRouter", "api-router", "router"],
    }),
    middlewares: Type.Array(ref(HttpMiddleware, { description: "Middleware module." }), {
      description: "Middleware modules, the first one outermost.",
      default: [],
    }),
    async: Type.Boolean({
      description: "Answers 202 with the run's address once the run is committed, before it executes.",
      default: false,
    }),
  }),
  build({ at, path: source }, { path, method, router, middlewares, async: isAsync }, work) {
    const problem = isAsync ? work.target.acceptProblem() : undefined;
    if (problem !== undefined) {
      throw new WorkflowError("config.value", `${source}: 'async' needs a pipeline with durable runs: ${problem}`);
    }
    router.add({
      method: method.toUpperCase(),
      path,
      handle: triggerHandle(work, isAsync),
      middlewares,
      rank: RouteRank.trigger,
      at,
      source,
    });
    return {};
  },
});

/** Answers without a promise when the request has no body to read and the workflow none to wait for. */
function triggerHandle({ target, params }: TriggerWork, isAsync: boolean): Handle {
  const start = (exchange: Exchange, body: Record<string, unknown> | undefined): Response | Promise<Response> => {
    const data = triggerData(exchange, body, params);
    if (isAsync) return accept(target, data, exchange);
    try {
      const run = target.run(data, { trigger: "http", exchange, pattern: exchange.pattern });
      if (!(run instanceof Promise)) return answerOf(exchange);
      return run.then(
        () => answerOf(exchange),
        (error: unknown) => answerOfFailed(exchange, error),
      );
    } catch (error) {
      return answerOfFailed(exchange, error);
    }
  };
  return (exchange) =>
    exchange.hasBody && mayBeJson(exchange)
      ? exchange.text().then((text) => start(exchange, jsonObjectOf(text)))
      : start(exchange, undefined);
}

/** Answers when the run is sure to happen, and leaves the rest to it. */
async function accept(target: WorkflowTarget, data: Record<string, unknown>, exchange: Exchange): Promise<Response> {
  const { id } = await target.accept(data, { trigger: "http", exchange, pattern: exchange.pattern });
  const { status, headers, body } = acceptedAnswer(id);
  return new Response(body, { status, headers });
}

function answerOf(exchange: Exchange): Response {
  return exchange.takeReply() ?? new Response(accepted, { status: 202, headers: jsonHeaders });
}

/** What a step answered before the failure was meant for the client; the failure is logged by who ran it. */
function answerOfFailed(exchange: Exchange, error: unknown): Response {
  const written = exchange.takeReply();
  if (written === undefined) throw error;
  return written;
}

/** Later keys replace earlier ones: path parameters, query parameters, body, and what the route fixes. */
function triggerData(
  exchange: Exchange,
  body: Record<string, unknown> | undefined,
  params: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const data: Record<string, unknown> = { method: exchange.method, path: exchange.path };
  for (const name in exchange.params) data[name] = exchange.params[name];
  if (exchange.search !== "") {
    // From the last to the first: of a parameter that is given several times, the first counts.
    for (const [name, value] of [...exchange.query].reverse()) if (name !== "__proto__") data[name] = value;
  }
  if (body !== undefined) data.body = body;
  for (const name in params) data[name] = params[name];
  return data;
}

/** Uploads and forms are left unread for the steps that want them. */
function mayBeJson(exchange: Exchange): boolean {
  const type = exchange.headers.get("content-type");
  return type === null || type.includes("json") || type.startsWith("text/");
}
