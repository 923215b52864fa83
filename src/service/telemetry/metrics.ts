import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from "prom-client";
import type {
  CounterMeter,
  ExposeOptions,
  HttpRouteMeter,
  MetricGroup,
  Metrics,
  OperationMeter,
  WorkflowMeter,
} from "../../port/metrics.ts";

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
  readonly #executions = new Counter({
    name: "workflow_executions_total",
    help: "Workflow executions by type, action and status.",
    labelNames: ["workflow_type", "action", "status"],
    registers: [this.#registry],
  });
  readonly #durations = new Histogram({
    name: "workflow_duration_seconds",
    help: "Duration of workflow executions.",
    labelNames: ["workflow_type", "action"],
    buckets: [...durationBuckets],
    registers: [this.#registry],
  });
  readonly #active = new Gauge({
    name: "active_workflows",
    help: "Workflow executions in progress.",
    labelNames: ["workflow_type"],
    registers: [this.#registry],
  });
  readonly #requests = new Counter({
    name: "http_requests_total",
    help: "HTTP requests by method, route and status.",
    labelNames: ["method", "path", "status_code"],
    registers: [this.#registry],
  });
  readonly #requestDurations = new Histogram({
    name: "http_request_duration_seconds",
    help: "Duration of HTTP requests by method and route.",
    labelNames: ["method", "path"],
    buckets: [...durationBuckets],
    registers: [this.#registry],
  });
  readonly #operations = new Counter({
    name: "module_operations_total",
    help: "Module operations by module, operation and status.",
    labelNames: ["module", "operation", "status"],
    registers: [this.#registry],
  });
  readonly #counters = new Map<string, Counter>();
  readonly #gauges = new Map<string, SampledGauge>();

  constructor() {
    collectDefaultMetrics({ register: this.#registry });
  }

  httpRoute(method: string, path: string): HttpRouteMeter {
    const duration = this.#requestDurations.labels(method, path);
    const byStatus = new Map<number, { inc(): void }>();
    return {
      record: (status, seconds) => {
        let counter = byStatus.get(status);
        if (counter === undefined) {
          counter = this.#requests.labels(method, path, String(status));
          byStatus.set(status, counter);
        }
        counter.inc();
        duration.observe(seconds);
      },
    };
  }

  workflow(workflowType: string, action: string): WorkflowMeter {
    const active = this.#active.labels(workflowType);
    const duration = this.#durations.labels(workflowType, action);
    const counters = {
      success: this.#executions.labels(workflowType, action, "success"),
      error: this.#executions.labels(workflowType, action, "error"),
    };
    return {
      start: () => active.inc(),
      finish(status, seconds) {
        active.dec();
        counters[status].inc();
        duration.observe(seconds);
      },
    };
  }

  moduleOperation(module: string, operation: string): OperationMeter {
    const counters = {
      success: this.#operations.labels(module, operation, "success"),
      failure: this.#operations.labels(module, operation, "failure"),
    };
    return { record: (status) => counters[status].inc() };
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
