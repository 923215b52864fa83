import { defineModule } from "../../define/define.ts";
import { messageOf, WorkflowError } from "../../error/error.ts";
import { encodeJson } from "../../json/encode.ts";
import type { Logger } from "../../log/logger.ts";
import { backendUrl, proxyRequest } from "../../net/proxy.ts";
import type { Exchange } from "../../port/exchange.ts";
import { HttpHandler } from "../../port/http.ts";
import type { Clock } from "../../time/clock.ts";
import type { TokenBuckets } from "../../time/token_bucket.ts";
import { choice, count, duration, position, real, Type } from "../../schema/field.ts";
import { type CorsRules, corsHeaders, withCors } from "./gateway_cors.ts";
import { backendPath, clientLimit, type GatewayRoute, matchRoute, readRoutes } from "./gateway_route.ts";
import { jsonAnswer } from "./json_answer.ts";

const names = (description: string, fallback: string[]) =>
  Type.Array(Type.String(), { description, default: fallback });

const rateLimit = (description: string) =>
  Type.Optional(
    Type.Object(
      {
        requestsPerMinute: real({ description: "Requests of one client in a minute; 0 for no limit.", minimum: 0 }),
        burstSize: Type.Optional(
          count({ description: "Requests that may come at once; as many as in a minute without.", minimum: 1 }),
        ),
      },
      { description },
    ),
  );

const route = Type.Object({
  at: position(),
  pathPrefix: Type.String({ description: "First segments of the paths, such as `/api/users`.", minLength: 1 }),
  backend: Type.String({ description: "URL of the backend; the path is appended to its own.", minLength: 1 }),
  stripPrefix: Type.Boolean({ description: "Whether the backend gets the path without the prefix.", default: false }),
  auth: Type.Boolean({ description: "Whether a credential must be present; it is not checked here.", default: false }),
  timeout: duration({ description: "Time until the backend must have begun to answer.", default: "30s", minimum: 1 }),
  methods: names("Methods that are passed on; all without.", []),
  rateLimit: rateLimit("Limit for the requests of one client to this route."),
});

/** Passes requests on to backends by path prefix, with limits, CORS and a check for credentials in front. */
export default defineModule({
  type: "api.gateway",
  summary: "Gateway that passes requests on to backends by path prefix.",
  category: "api",
  provides: [HttpHandler],
  carry: "instance",
  config: Type.Object({
    routes: Type.Array(route, { description: "Backends; the longest matching prefix wins." }),
    globalRateLimit: rateLimit("Limit for the requests of one client to the gateway."),
    cors: Type.Optional(
      Type.Object(
        {
          allowOrigins: names("Origins whose pages may call; `*` for all.", []),
          allowMethods: names("Methods that they may use.", ["GET", "POST", "PUT", "DELETE", "OPTIONS"]),
          allowHeaders: names("Headers that they may send.", ["Content-Type", "Authorization"]),
          maxAge: count({ description: "Seconds for which browsers may keep these rules; 0 for none.", default: 0 }),
        },
        { description: "Rules for pages of other origins; `OPTIONS` is then answered here." },
      ),
    ),
    auth: Type.Object(
      {
        type: choice(["bearer", "api_key", "basic"], { description: "Kind of credential.", default: "bearer" }),
        header: Type.String({ description: "Header that carries it.", default: "Authorization", minLength: 1 }),
      },
      { description: "The credential that routes with `auth` ask for.", default: {} },
    ),
  }),
  create({ log, runtime }, { routes, globalRateLimit, cors, auth }) {
    const gateway: Gateway = {
      routes: readRoutes(routes),
      limit: clientLimit(globalRateLimit),
      auth,
      clock: runtime.clock,
      log,
    };
    const handle = (exchange: Exchange) => answer(gateway, exchange);
    const service: HttpHandler = {
      handler: () => (cors === undefined ? handle : (exchange) => answerWithCors(cors, gateway, exchange)),
    };
    return { service };
  },
});

interface Gateway {
  readonly routes: readonly GatewayRoute[];
  readonly limit: TokenBuckets | undefined;
  readonly auth: { readonly type: "bearer" | "api_key" | "basic"; readonly header: string };
  readonly clock: Clock;
  readonly log: Logger;
}

async function answerWithCors(rules: CorsRules, gateway: Gateway, exchange: Exchange): Promise<Response> {
  const headers = corsHeaders(rules, exchange);
  if (exchange.method === "OPTIONS") return new Response(null, { status: 204, headers });
  return withCors(await answer(gateway, exchange), headers);
}

async function answer(gateway: Gateway, exchange: Exchange): Promise<Response> {
  const matched = matchRoute(gateway.routes, exchange.path);
  if (matched === undefined) return refuse(404, "no route matched");
  const waitS = limitWait(gateway, matched, exchange);
  if (waitS > 0) return refuse(429, "rate limit exceeded", { "retry-after": String(waitS) });
  if (matched.auth && !hasCredential(gateway.auth, exchange)) {
    return refuse(401, "unauthorized", challenge(gateway.auth));
  }
  if (matched.methods.length > 0 && !matched.methods.includes(exchange.method)) {
    return refuse(405, "method not allowed", { allow: matched.methods.join(", ") });
  }
  return pass(gateway, matched, exchange);
}

/** The gateway's limit is asked first; a request that it refuses does not count for the route. */
function limitWait({ limit, clock }: Gateway, matched: GatewayRoute, { client }: Exchange): number {
  const now = clock.monotonic();
  const waitMs = limit?.take(client, now) ?? 0;
  return Math.ceil((waitMs > 0 ? waitMs : (matched.limit?.take(client, now) ?? 0)) / 1000);
}

function hasCredential({ type, header }: Gateway["auth"], { headers }: Exchange): boolean {
  const value = headers.get(header)?.trim() ?? "";
  switch (type) {
    case "bearer":
      return /^bearer +\S/i.test(value);
    case "basic":
      return /^basic +\S/i.test(value);
    case "api_key":
      return value !== "";
  }
}

/** RFC 9110 §11.6.1 asks for a challenge beside 401; keys have no scheme to name. */
function challenge({ type }: Gateway["auth"]): Readonly<Record<string, string>> {
  return type === "api_key" ? {} : { "www-authenticate": type === "basic" ? 'Basic realm="gateway"' : "Bearer" };
}

async function pass({ clock, log }: Gateway, matched: GatewayRoute, exchange: Exchange): Promise<Response> {
  const { backend, timeoutMs } = matched;
  const { request, connection, signal, hasBody } = exchange;
  if (/\bwebsocket\b/i.test(exchange.headers.get("upgrade") ?? "")) {
    return jsonAnswer(501, { backend: backend.host, error: "WebSocket is not passed on", path: exchange.path });
  }
  const target = backendUrl(backend, backendPath(matched, exchange.path), exchange.search);
  try {
    const response = await proxyRequest(request, target, {
      clock,
      peer: connection.peer(request),
      isSecure: connection.isSecure,
      host: "client",
      timeoutMs,
      signal,
      ...(hasBody ? {} : { body: null }),
    });
    // An event stream is silent for as long as nothing happens, which is no reason to end its connection.
    if (response.headers.get("content-type")?.startsWith("text/event-stream") === true) {
      connection.extendTimeout(request, 0);
    }
    return response;
  } catch (error) {
    if (!(error instanceof WorkflowError) || error.code !== "http.upstream") throw error;
    log.warn("Backend unavailable", { backend: backend.host, path: exchange.path, error: messageOf(error) });
    const text = error.status === 504 ? "backend timed out" : "backend unavailable";
    return jsonAnswer(error.status, { backend: backend.host, error: text, path: exchange.path });
  }
}

/** A JSON text sent as plain text, as clients of the gateway know it. */
function refuse(status: number, error: string, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(`${encodeJson({ error })}\n`, {
    status,
    headers: { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff", ...headers },
  });
}
