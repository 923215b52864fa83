import { answerProbe, probePaths } from "../../port/probe.ts";
import { metricsAnswer } from "../metrics_handle.ts";
import type { ManagementRoute } from "../route.ts";

/** Probes and metrics, open to everyone who reaches the port. */
export const probeRoutes: readonly ManagementRoute[] = [
  ...probePaths.map(([path, kind]): ManagementRoute => ({
    method: "GET",
    path,
    access: "public",
    summary: `Answers the ${kind} probe.`,
    handle: (_exchange, { health }) => answerProbe(kind, health),
  })),
  {
    method: "GET",
    path: "/metrics",
    access: "public",
    summary: "Metrics in Prometheus text format.",
    handle: (_exchange, { engine, services }) => metricsAnswer(engine, services.metrics),
  },
];
