import { defineModule } from "../../define/define.ts";
import { WorkflowError } from "../../error/error.ts";
import { Router, RouteRank } from "../../port/http.ts";
import { type MetricGroup, MetricsReport } from "../../port/metrics.ts";
import { choice, optionalRef, Type } from "../../schema/field.ts";

const groups = ["workflow", "http", "module", "active_workflows"] as const satisfies readonly MetricGroup[];
const standardNamespace = "workflow";

/** Serves the metrics of the process on the engine's port, under the names the configuration chooses. */
export default defineModule({
  type: "metrics.collector",
  aliases: ["observability.metrics"],
  summary: "Prometheus metrics on the engine port; the management port always has them.",
  category: "observability",
  provides: [MetricsReport],
  serviceName: "metrics.collector",
  config: Type.Object({
    namespace: Type.String({
      description: "Prefix of the names of workflow, HTTP and module metrics; the default stands for none.",
      default: standardNamespace,
    }),
    subsystem: Type.String({ description: "Second prefix, after the namespace.", default: "" }),
    metricsPath: Type.String({ description: "Path of the metrics.", default: "/metrics", minLength: 1 }),
    enabledMetrics: Type.Array(choice(groups, { description: "Group of metrics.", invalid: "error" }), {
      description: "Groups that are shown; all without. Metrics of the process itself are always shown.",
      default: [],
    }),
    router: optionalRef(Router, {
      description: "Router for the path; found through `dependsOn`, or the first one.",
      fallback: "affinity",
    }),
  }),
  create({ name, at, runtime }, { namespace, subsystem, metricsPath, enabledMetrics, router }) {
    const isStandard = subsystem === "" && (namespace === standardNamespace || namespace === "");
    const prefix = isStandard ? "" : [namespace, subsystem, ""].filter((part, i) => i === 2 || part !== "").join("_");
    if (!/^([A-Za-z_:][\w:]*)?$/.test(prefix)) {
      const text = `metrics.collector "${name}": "${prefix}" cannot begin the name of a metric`;
      const hint = "use letters, digits and underscores, and no digit first";
      throw new WorkflowError("config.value", text, { at: [at], hint });
    }
    const options = enabledMetrics.length === 0 ? { prefix } : { prefix, groups: enabledMetrics };
    const service: MetricsReport = { report: () => runtime.metrics.expose(options) };
    const handle = async (): Promise<Response> =>
      new Response(await service.report(), { headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" } });
    router?.add({ method: "GET", path: metricsPath, handle, rank: RouteRank.report, at, source: `module ${name}` });
    return { service };
  },
});
