import { encodeJsonLine } from "../json/encode.ts";
import type { HealthBoard, HealthStatus } from "./runtime.ts";

/** The three questions an orchestrator asks: does it work, may it get traffic, does it run. */
export type ProbeKind = "health" | "ready" | "live";

/** Paths on which every server answers probes, unless the user's routes take them. */
export const probePaths: readonly (readonly [string, ProbeKind])[] = [
  ["/healthz", "health"],
  ["/readyz", "ready"],
  ["/livez", "live"],
];

/** Answers a probe. Checks that take longer than `timeoutMs` count as unhealthy. */
export async function answerProbe(kind: ProbeKind, board: HealthBoard, timeoutMs = 5000): Promise<Response> {
  switch (kind) {
    case "live":
      return json(200, { status: "alive" });
    case "ready": {
      const checks = board.isReady ? await board.check(timeoutMs) : undefined;
      const isReady = checks !== undefined && Object.values(checks).every((check) => check.status === "healthy");
      return json(isReady ? 200 : 503, { status: isReady ? "ready" : "not_ready" });
    }
    case "health": {
      const checks = await board.check(timeoutMs);
      const status = worst(Object.values(checks));
      return json(status === "unhealthy" ? 503 : 200, { checks, status });
    }
  }
}

function worst(checks: readonly HealthStatus[]): HealthStatus["status"] {
  if (checks.some((check) => check.status === "unhealthy")) return "unhealthy";
  return checks.some((check) => check.status === "degraded") ? "degraded" : "healthy";
}

function json(status: number, body: unknown): Response {
  return new Response(encodeJsonLine(body), {
    status,
    headers: { "content-type": "application/json", "cache-control": "no-store" },
  });
}
