import { defineModule } from "../../define/define.ts";
import type { Exchange } from "../../port/exchange.ts";
import { HttpMiddleware, MiddlewareOrder, Router } from "../../port/http.ts";
import { count, optionalRef, refAll, Type } from "../../schema/field.ts";
import { changed } from "./changed.ts";

const words = (description: string, values: string[]) => Type.Array(Type.String(), { description, default: values });

/** Tells browsers which other sites may use the API. */
export default defineModule({
  type: "http.middleware.cors",
  summary: "Adds CORS headers and answers preflight requests, on every route of its routers.",
  category: "middleware",
  provides: [HttpMiddleware],
  config: Type.Object({
    allowedOrigins: words("Origins that may call, such as `https://app.example.com`; `*` for any.", ["*"]),
    allowedMethods: words("Methods that may be used.", ["GET", "POST", "PUT", "DELETE", "OPTIONS"]),
    allowedHeaders: words("Request headers that may be sent.", ["Content-Type", "Authorization"]),
    maxAge: Type.Optional(
      count({ description: "Seconds for which a browser may keep the answer to a preflight request.", minimum: 0 }),
    ),
    allowCredentials: Type.Boolean({
      description: "Whether cookies and credentials may be sent; only for origins that are listed, never by `*`.",
      default: false,
    }),
    router: optionalRef(Router, {
      description:
        "Router whose every answer gets the headers. Without it the routers in `dependsOn`, else those of a server " +
        "`dependsOn`, else all.",
    }),
    routers: refAll(Router, { description: "Routers that get the headers.", select: "affinity" }),
  }),
  create({ log }, { allowedOrigins, allowedMethods, allowedHeaders, maxAge, allowCredentials, ...attached }) {
    const listed = new Set(allowedOrigins.filter((origin) => origin !== "*"));
    const isOpen = listed.size < allowedOrigins.length;
    if (allowCredentials && listed.size === 0) {
      log.warn("allowCredentials has no effect: it needs origins that are listed by name");
    }
    const methods = allowedMethods.join(", ");
    const headers = allowedHeaders.join(", ");
    const allow = (response: Response, exchange: Exchange): void => {
      const origin = exchange.headers.get("origin");
      if (origin === null) return;
      // The answer differs by origin, also for one that is refused: caches must know.
      if (!variesByOrigin(response)) response.headers.append("vary", "Origin");
      if (!isOpen && !listed.has(origin)) return;
      response.headers.set("access-control-allow-origin", origin);
      response.headers.set("access-control-allow-methods", methods);
      response.headers.set("access-control-allow-headers", headers);
      if (allowCredentials && listed.has(origin)) response.headers.set("access-control-allow-credentials", "true");
      if (maxAge !== undefined && exchange.method === "OPTIONS") {
        response.headers.set("access-control-max-age", String(maxAge));
      }
    };
    const service: HttpMiddleware = {
      wrap: (next) => (exchange) => {
        const answer = exchange.method === "OPTIONS" ? new Response(null) : next(exchange);
        return changed(answer, (response) => allow(response, exchange));
      },
    };
    const routers = attached.router === undefined ? attached.routers : [attached.router];
    for (const router of routers) router.use(service, MiddlewareOrder.cors);
    return { service };
  },
});

function variesByOrigin({ headers }: Response): boolean {
  return /(?:^|,)\s*(?:origin|\*)\s*(?:,|$)/i.test(headers.get("vary") ?? "");
}
