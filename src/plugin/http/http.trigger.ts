import { defineTrigger } from "../../define/define.ts";
import type { Exchange } from "../../port/exchange.ts";
import { type Handle, HttpMiddleware, Router, RouteRank } from "../../port/http.ts";
import type { TriggerWork } from "../../define/definition.ts";
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
  }),
  build({ at, path: source }, { path, method, router, middlewares }, work) {
    router.add({
      method: method.toUpperCase(),
      path,
      handle: triggerHandle(work),
      middlewares,
      rank: RouteRank.trigger,
      at,
      source,
    });
    return {};
  },
});

function triggerHandle({ target, params }: TriggerWork): Handle {
  return async (exchange) => {
    const data = await triggerData(exchange, params);
    try {
      await target.run(data, { trigger: "http", exchange, pattern: exchange.pattern });
    } catch (error) {
      // What a step answered before the failure was meant for the client; the failure is logged by who ran it.
      const written = exchange.takeReply();
      if (written === undefined) throw error;
      return written;
    }
    return exchange.takeReply() ?? new Response(accepted, { status: 202, headers: jsonHeaders });
  };
}

/** Later keys replace earlier ones: path parameters, query parameters, body, and what the route fixes. */
async function triggerData(
  exchange: Exchange,
  params: Readonly<Record<string, unknown>>,
): Promise<Record<string, unknown>> {
  const data: Record<string, unknown> = { method: exchange.method, path: exchange.path };
  for (const name in exchange.params) data[name] = exchange.params[name];
  if (exchange.search !== "") {
    // From the last to the first: of a parameter that is given several times, the first counts.
    for (const [name, value] of [...exchange.query].reverse()) if (name !== "__proto__") data[name] = value;
  }
  if (exchange.hasBody && mayBeJson(exchange)) {
    const body = await exchange.jsonObject();
    if (body !== undefined) data.body = body;
  }
  for (const name in params) data[name] = params[name];
  return data;
}

/** Uploads and forms are left unread for the steps that want them. */
function mayBeJson(exchange: Exchange): boolean {
  const type = exchange.headers.get("content-type");
  return type === null || type.includes("json") || type.startsWith("text/");
}
