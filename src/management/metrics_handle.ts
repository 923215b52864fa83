import type { Engine } from "../engine/engine.ts";
import type { ListenerHandle } from "../port/http.ts";
import { type Metrics, MetricsReport } from "../port/metrics.ts";

/** Answers `GET /metrics` and nothing else, for a listener of its own. */
export function metricsHandle(engine: Engine, metrics: Metrics): ListenerHandle {
  return (request) => {
    const { pathname } = new URL(request.url);
    if (pathname !== "/metrics") return plain("404 page not found", 404);
    if (request.method !== "GET" && request.method !== "HEAD") {
      return plain("Method Not Allowed", 405, { allow: "GET, HEAD" });
    }
    return metricsAnswer(engine, metrics);
  };
}

/** The metrics in Prometheus text format; a metrics module of the configuration decides about names and groups. */
export async function metricsAnswer(engine: Engine, metrics: Metrics): Promise<Response> {
  const headers = { "content-type": "text/plain; version=0.0.4; charset=utf-8" };
  const [report] = engine.current?.servicesOf(MetricsReport) ?? [];
  return new Response(await (report?.report() ?? metrics.expose()), { headers });
}

function plain(text: string, status: number, headers: Readonly<Record<string, string>> = {}): Response {
  const all = { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff", ...headers };
  return new Response(`${text}\n`, { status, headers: all });
}
