import { definePort } from "../schema/field.ts";

/** The metrics of the process. Handles are taken once, at build; label values come from the configuration. */
export interface Metrics {
  /** `http_requests_total` and `http_request_duration_seconds` of one route. */
  httpRoute(method: string, path: string): HttpRouteMeter;
  /** `workflow_executions_total`, `workflow_duration_seconds` and `active_workflows`. */
  workflow(workflowType: string, action: string): WorkflowMeter;
  /** `module_operations_total`. */
  moduleOperation(module: string, operation: string): OperationMeter;
  /** A gauge read when metrics are scraped. Returns a function that removes it. */
  gauge(name: string, help: string, labels: Readonly<Record<string, string>>, read: () => number): () => void;
  counter(name: string, help: string, labels: Readonly<Record<string, string>>): CounterMeter;
  /** Prometheus text format 0.0.4. `filter` limits the groups; all without. */
  expose(options?: ExposeOptions): Promise<string>;
}

/** The groups that `enabledMetrics` names. */
export type MetricGroup = "workflow" | "http" | "module" | "active_workflows";

/** What of the metrics is shown, and under which names. */
export interface ExposeOptions {
  readonly prefix?: string;
  readonly groups?: readonly MetricGroup[];
}

/** Counts and times the requests of one route. */
export interface HttpRouteMeter {
  record(status: number, seconds: number): void;
}

/** Counts and times the executions of one workflow and action. */
export interface WorkflowMeter {
  start(): void;
  finish(status: "success" | "error", seconds: number): void;
}

/** Counts the outcomes of one operation of a module. */
export interface OperationMeter {
  record(status: "success" | "failure"): void;
}

/** A counter with its labels fixed. */
export interface CounterMeter {
  add(amount?: number): void;
}

/** The metrics under the names that the configuration chooses. */
export interface MetricsReport {
  /** Prometheus text format 0.0.4. */
  report(): Promise<string>;
}
export const MetricsReport = definePort<MetricsReport>("metrics_report", "a metrics collector");
