import { ownValue } from "../../json/map.ts";
import type { StoredEvent } from "../../port/event_store.ts";

/** One execution of a step, as its events tell it. */
export interface TimelineStep {
  readonly step_name: string;
  step_type?: string | undefined;
  status: "running" | "completed" | "failed" | "skipped" | "compensated";
  output_data?: unknown;
  error?: string | undefined;
  route?: string | undefined;
  retries?: number | undefined;
  started_at?: string | undefined;
  completed_at?: string | undefined;
}

/** An execution, as its events tell it. */
export interface Timeline {
  readonly execution_id: string;
  pipeline?: string | undefined;
  status: "unknown" | "running" | "completed" | "failed" | "cancelled";
  readonly steps: TimelineStep[];
  error?: string | undefined;
  started_at?: string | undefined;
  completed_at?: string | undefined;
  readonly event_count: number;
}

/** Makes an execution of its events, which come in their order. */
export function timelineOf(id: string, events: readonly StoredEvent[]): Timeline {
  const timeline: Timeline = { execution_id: id, status: "unknown", steps: [], event_count: events.length };
  for (const event of events) {
    if (event.event_type.startsWith("execution.")) tellExecution(timeline, event);
    else tellStep(timeline, event);
  }
  return timeline;
}

function tellExecution(timeline: Timeline, { event_type: type, event_data: data, created_at: at }: StoredEvent): void {
  switch (type) {
    case "execution.started":
      timeline.status = "running";
      timeline.pipeline = textOf(data, "pipeline");
      timeline.started_at = at;
      return;
    case "execution.completed":
      timeline.status = "completed";
      timeline.error = undefined;
      timeline.completed_at = at;
      return;
    case "execution.failed":
    case "execution.cancelled":
      timeline.status = type === "execution.failed" ? "failed" : "cancelled";
      timeline.error = textOf(data, "error");
      timeline.completed_at = at;
      break;
    default:
  }
}

function tellStep(timeline: Timeline, { event_type: type, event_data: data, created_at: at }: StoredEvent): void {
  const name = textOf(data, "step_name");
  if (name === undefined) return;
  const { steps } = timeline;
  let step = steps.findLast(({ step_name: known }) => known === name);
  if (type === "retry.attempted") {
    timeline.status = "running";
    timeline.completed_at = undefined;
  }
  const isNew = step === undefined || (type === "step.started" && step.status !== "running");
  // A step that its condition kept from running has no beginning, and may have run before.
  if (isNew || step === undefined || (type === "step.skipped" && step.status !== "running")) {
    step = { step_name: name, status: "running" };
    steps.push(step);
  }
  tell(step, type, { data, at });
}

function tell(
  step: TimelineStep,
  type: string,
  { data, at }: { readonly data: Readonly<Record<string, unknown>>; readonly at: string },
): void {
  switch (type) {
    case "step.started":
      step.step_type = textOf(data, "step_type");
      step.started_at = at;
      return;
    case "step.output_recorded":
      step.output_data = ownValue(data, "output");
      return;
    case "step.completed":
    case "step.compensated":
      step.status = type === "step.completed" ? "completed" : "compensated";
      step.completed_at = at;
      return;
    case "step.failed":
      step.status = "failed";
      step.error = textOf(data, "error");
      step.completed_at = at;
      return;
    case "step.skipped":
      step.status = "skipped";
      step.error = textOf(data, "reason");
      step.completed_at = at;
      return;
    case "conditional.routed":
      step.route = textOf(data, "route");
      return;
    case "retry.attempted":
      step.status = "running";
      step.error = undefined;
      step.completed_at = undefined;
      step.retries = (step.retries ?? 0) + 1;
      break;
    default:
  }
}

function textOf(data: Readonly<Record<string, unknown>>, key: string): string | undefined {
  const value = ownValue(data, key);
  return typeof value === "string" ? value : undefined;
}
