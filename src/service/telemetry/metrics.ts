import { collectDefaultMetrics, Counter, Gauge, Registry } from "prom-client";
import type {
  CounterMeter,
  ExposeOptions,
  HttpRouteMeter,
  MetricGroup,
  Metrics,
  OperationMeter,
  WorkflowMeter,
} from "../../port/metrics.ts";

import { type CountHandle, HandleCounter, HandleHistogram } from "./handle_metric.ts";

/** Upper bounds of the duration histograms, in seconds. */
export const durationBuckets: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** The metrics that belong to each group of `enabledMetrics`. */
const groupOf: Readonly<Record<string, MetricGroup>> = {
  workflow_executions_total: "workflow",
  workflow_duration_seconds: "workflow",
  http_requests_total: "http",
  http_request_duration_seconds: "http",
  module_operations_total: "module",
  active_workflows: "active_workflows",
};

/** The metrics of the process, in Prometheus form. `docs/guide/metrics.md` lists them. */
export class PrometheusMetrics implements Metrics {
  readonly #registry = new Registry();
  readonly #executions = new HandleCounter(
    {
      name: "workflow_executions_total",
      help: "Workflow executions by type, action and status.",
      labelNames: ["workflow_type", "action", "status"],
    },
    this.#registry,
  );
  readonly #durations = new HandleHistogram(
    {
      name: "workflow_duration_seconds",
      help: "Duration of workflow executions.",
      labelNames: ["workflow_type", "action"],
    },
    durationBuckets,
    this.#registry,
  );
  /** Executions in progress by workflow type; shown by a gauge that is read when it is scraped. */
  readonly #active = new Map<string, CountHandle>();
  readonly #requests = new HandleCounter(
    {
      name: "http_requests_total",
      help: "HTTP requests by method, route and status.",
      labelNames: ["method", "path", "status_code"],
    },
    this.#registry,
  );
  readonly #requestDurations = new HandleHistogram(
    {
      name: "http_request_duration_seconds",
      help: "Duration of HTTP requests by method and route.",
      labelNames: ["method", "path"],
    },
    durationBuckets,
    this.#registry,
  );
  readonly #operations = new HandleCounter(
    {
      name: "module_operations_total",
      help: "Module operations by module, operation and status.",
      labelNames: ["module", "operation", "status"],
    },
    this.#registry,
  );
  readonly #counters = new Map<string, Counter>();
  readonly #gauges = new Map<string, SampledGauge>();

  constructor() {
    collectDefaultMetrics({ register: this.#registry });
  }

  httpRoute(method: string, path: string): HttpRouteMeter {
    const durations = this.#requestDurations;
    const duration = durations.handle(method, path);
    const byStatus = new Map<number, CountHandle>();
    return {
      record: (status, seconds) => {
        let count = byStatus.get(status);
        if (count === undefined) {
          count = this.#requests.handle(method, path, String(status));
          byStatus.set(status, count);
        }
        count.value++;
        durations.record(duration, seconds);
      },
    };
  }

  workflow(workflowType: string, action: string): WorkflowMeter {
    const active = this.#activeOf(workflowType);
    const durations = this.#durations;
    const duration = durations.handle(workflowType, action);
    const counts = {
      success: this.#executions.handle(workflowType, action, "success"),
      error: this.#executions.handle(workflowType, action, "error"),
    };
    return {
      start: () => void active.value++,
      finish(status, seconds) {
        active.value--;
        counts[status].value++;
        durations.record(duration, seconds);
      },
    };
  }

  #activeOf(workflowType: string): CountHandle {
    const known = this.#active.get(workflowType);
    if (known !== undefined) return known;
    const active: CountHandle = { value: 0 };
    this.#active.set(workflowType, active);
    const labels = { workflow_type: workflowType };
    this.gauge("active_workflows", "Workflow executions in progress.", labels, () => active.value);
    return active;
  }

  moduleOperation(module: string, operation: string): OperationMeter {
    const counts = {
      success: this.#operations.handle(module, operation, "success"),
      failure: this.#operations.handle(module, operation, "failure"),
    };
    return { record: (status) => void counts[status].value++ };
  }

  counter(name: string, help: string, labels: Readonly<Record<string, string>>): CounterMeter {
    let counter = this.#counters.get(name);
    if (counter === undefined) {
      counter = new Counter({ name, help, labelNames: Object.keys(labels), registers: [this.#registry] });
      this.#counters.set(name, counter);
    }
    const child = counter.labels(labels);
    return { add: (amount = 1) => child.inc(amount) };
  }

  gauge(name: string, help: string, labels: Readonly<Record<string, string>>, read: () => number): () => void {
    let gauge = this.#gauges.get(name);
    if (gauge === undefined) {
      gauge = new SampledGauge(name, help, Object.keys(labels), this.#registry);
      this.#gauges.set(name, gauge);
    }
    return gauge.add(labels, read);
  }

  async expose(options: ExposeOptions = {}): Promise<string> {
    const { groups, prefix } = options;
    const text = await this.#registry.metrics();
    if (groups === undefined && (prefix === undefined || prefix === "")) return text;
    return (
      text
        .split("\n\n")
        .filter((block) => isWanted(block, groups))
        .map((block) => withPrefix(block, prefix ?? ""))
        .join("\n\n") + "\n"
    );
  }
}

/** A gauge whose values are read when it is scraped. */
class SampledGauge {
  readonly #samples = new Set<{ readonly labels: Readonly<Record<string, string>>; readonly read: () => number }>();

  constructor(name: string, help: string, labelNames: readonly string[], registry: Registry) {
    const samples = this.#samples;
    new Gauge({
      name,
      help,
      labelNames: [...labelNames],
      registers: [registry],
      collect() {
        this.reset();
        for (const { labels, read } of samples) this.set(labels, read());
      },
    });
  }

  add(labels: Readonly<Record<string, string>>, read: () => number): () => void {
    const sample = { labels, read };
    this.#samples.add(sample);
    return () => void this.#samples.delete(sample);
  }
}

function metricName(block: string): string {
  return /^# HELP (\S+)/m.exec(block)?.[1] ?? "";
}

function isWanted(block: string, groups: readonly MetricGroup[] | undefined): boolean {
  const group = groupOf[metricName(block)];
  return groups === undefined || group === undefined || groups.includes(group);
}

/** Puts a prefix before the names of the program's own metrics; the runtime's keep theirs. */
function withPrefix(block: string, prefix: string): string {
  const name = metricName(block);
  if (prefix === "" || groupOf[name] === undefined) return block;
  return block.replaceAll(new RegExp(`^(# (?:HELP|TYPE) )?(${name})`, "gm"), `$1${prefix}$2`);
}
