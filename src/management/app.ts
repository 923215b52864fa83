import { Elysia } from "elysia";
import { errorAnswer } from "../error/response.ts";
import { messageOf, WorkflowError } from "../error/error.ts";
import { encodeJsonLine } from "../json/encode.ts";
import { type Connection, Exchange, insideConnection } from "../port/exchange.ts";
import type { ListenerHandle } from "../port/http.ts";
import { decideAccess } from "./access.ts";
import type { ManagementContext, ManagementRoute } from "./route.ts";
import { deadLetterRoutes } from "./route/dead_letter.ts";
import { executionRoutes } from "./route/execution.ts";
import { engineRoutes } from "./route/engine.ts";
import { pageRoutes } from "./route/page.ts";
import { probeRoutes } from "./route/probe.ts";
import { schemaRoutes } from "./route/schema.ts";

/** Every endpoint of the management API. */
export const managementRoutes: readonly ManagementRoute[] = [
  ...probeRoutes,
  ...engineRoutes,
  ...schemaRoutes,
  ...executionRoutes,
  ...deadLetterRoutes,
  ...pageRoutes,
];

/** The management API as one function for its listener. */
export function managementHandle(context: ManagementContext): ListenerHandle {
  let connection: Connection = insideConnection;
  const app = new Elysia({ strictPath: false });
  const methods = new Map<string, string[]>();
  for (const route of managementRoutes) {
    for (const path of [route.path, ...(route.aliases ?? [])]) {
      methods.set(path, [...(methods.get(path) ?? []), route.method]);
      app.route(
        route.method,
        elysiaPath(path),
        ({ request, params }: { request: Request; params?: Record<string, string> }) => {
          const exchange = new Exchange(request, connection);
          exchange.params = params ?? {};
          return guarded(route, exchange, context);
        },
        { parse: "none" },
      );
    }
  }
  for (const [path, allowed] of methods) refuseOtherMethods(app, path, allowed);
  app.all("/*", ({ request }: { request: Request }) => unknownPath(new Exchange(request, connection)), {
    parse: "none",
  });
  return (request, from) => {
    connection = from;
    // Elysia looks for the path from the twelfth character on; behind a shorter host it would find another one.
    if (request.url.indexOf("/", 7) < 11) return badHost();
    return app.fetch(request);
  };
}

async function guarded(route: ManagementRoute, exchange: Exchange, context: ManagementContext): Promise<Response> {
  try {
    if (route.access === "guide") requireAccess(exchange, context);
    return await route.handle(exchange, context);
  } catch (error) {
    const id = context.services.uuid();
    const answer = errorAnswer(error, { id, isDevelopment: context.services.isDevelopment });
    if (answer.isHidden) {
      context.services.log.error("Management request failed", { id, path: route.path, error: messageOf(error) });
    }
    return new Response(encodeJsonLine(answer.body), { status: answer.status, headers: answer.headers });
  }
}

function requireAccess(exchange: Exchange, { isOpen, services }: ManagementContext): void {
  const peer = exchange.connection.peer(exchange.request);
  if (decideAccess({ peer, headers: exchange.headers, isOpen }) === "allowed") return;
  const { client, method, path } = exchange;
  services.log.warn("Management request refused", { client, method, path });
  const hint = "call from the same machine, or start the server with -admin-open";
  throw new WorkflowError("http.unauthorized", "unauthorized", { hint });
}

/** Answers every method that a known path does not have (RFC 9110 §15.5.6). */
function refuseOtherMethods(app: Elysia, path: string, allowed: readonly string[]): void {
  const allow = [...new Set(allowed.includes("GET") ? [...allowed, "HEAD"] : allowed)].sort().join(", ");
  const refuse = () =>
    new Response(encodeJsonLine({ error: "method not allowed" }), {
      status: 405,
      headers: { "content-type": "application/json", allow },
    });
  app.all(elysiaPath(path), refuse, { parse: "none" });
}

function elysiaPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ":$1");
}

function badHost(): Response {
  return new Response(encodeJsonLine({ error: "the Host header is missing or not valid" }), {
    status: 400,
    headers: { "content-type": "application/json" },
  });
}

function unknownPath(exchange: Exchange): Response {
  const body = encodeJsonLine({ error: "not found" });
  if (exchange.path.startsWith("/api/"))
    return new Response(body, { status: 404, headers: { "content-type": "application/json" } });
  return new Response("404 page not found\n", {
    status: 404,
    headers: { "content-type": "text/plain; charset=utf-8" },
  });
}
