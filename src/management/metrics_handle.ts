import type { EngineOptions } from "../engine/engine.ts";
import type { ListenerHandle } from "../port/http.ts";

/** Answers `GET /metrics` and nothing else, for a listener of its own. */
export function metricsHandle(metrics: EngineOptions["services"]["metrics"]): ListenerHandle {
  return (request) => {
    const { pathname } = new URL(request.url);
    if (pathname !== "/metrics") return plain("404 page not found", 404);
    if (request.method !== "GET" && request.method !== "HEAD") {
      return plain("Method Not Allowed", 405, { allow: "GET, HEAD" });
    }
    return metricsAnswer(metrics);
  };
}

/** The metrics in Prometheus text format. */
export async function metricsAnswer(metrics: EngineOptions["services"]["metrics"]): Promise<Response> {
  const headers = { "content-type": "text/plain; version=0.0.4; charset=utf-8" };
  return new Response(await metrics.expose(), { headers });
}

function plain(text: string, status: number, headers: Readonly<Record<string, string>> = {}): Response {
  const all = { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff", ...headers };
  return new Response(`${text}\n`, { status, headers: all });
}
