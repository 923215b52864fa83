import { WorkflowError } from "../../error/error.ts";
import type { Exchange } from "../../port/exchange.ts";
import type { Handle } from "../../port/http.ts";
import { decodePath } from "../../route/clean.ts";

/** A route of a handler that may be mounted anywhere. */
export interface RouteBelow {
  readonly method: string;
  /** What follows the marker in the path: nothing, or segments such as `/{id}/retry`. The first that fits counts. */
  readonly path: string;
  answer(exchange: Exchange): Promise<Response>;
}

/** Answers by what follows the last segment `marker` in the path of the request. */
export function routesBelow(marker: string, routes: readonly RouteBelow[]): Handle {
  const compiled = routes.map((route) => ({ route, segments: segmentsOf(route.path) }));
  return (exchange) => {
    const path = segmentsOf(exchange.path);
    const start = path.lastIndexOf(marker);
    const rest = path.slice(start + 1);
    const fitting = start < 0 ? [] : compiled.filter(({ segments }) => paramsOf(segments, rest) !== undefined);
    if (fitting.length === 0) throw new WorkflowError("http.not_found", `no route for ${exchange.path}`);
    const chosen = fitting.find(({ route }) => route.method === readAs(exchange.method));
    if (chosen === undefined) return notAllowed([...new Set(fitting.map(({ route }) => route.method))]);
    exchange.params = { ...exchange.params, ...paramsOf(chosen.segments, rest) };
    return chosen.route.answer(exchange);
  };
}

function segmentsOf(path: string): readonly string[] {
  return path.split("/").filter((segment) => segment !== "");
}

/** A HEAD is answered like a GET, whose body the server leaves out (RFC 9110 §9.3.2). */
function readAs(method: string): string {
  return method === "HEAD" ? "GET" : method;
}

/** The values of the pattern's parameters; undefined when it does not fit. */
function paramsOf(pattern: readonly string[], path: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== path.length) return undefined;
  const params: [string, string][] = [];
  for (const [index, expected] of pattern.entries()) {
    const segment = path[index] ?? "";
    const name = /^\{(\w+)\}$/.exec(expected)?.[1];
    if (name !== undefined) params.push([name, decodePath(segment) ?? segment]);
    else if (expected !== segment) return undefined;
  }
  return Object.fromEntries(params);
}

function notAllowed(methods: readonly string[]): Response {
  const headers = {
    allow: methods.join(", "),
    "content-type": "text/plain; charset=utf-8",
    "x-content-type-options": "nosniff",
  };
  return new Response("Method Not Allowed\n", { status: 405, headers });
}
