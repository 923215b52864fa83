import { expect, test } from "bun:test";
import { timelineOf } from "../../../src/plugin/eventstore/timeline.ts";
import type { StoredEvent } from "../../../src/port/event_store.ts";

/** Events of one second each, from `type` and `data`. */
function events(...told: readonly (readonly [type: string, data: Record<string, unknown>])[]): readonly StoredEvent[] {
  return told.map(([type, data], index) => ({
    id: `r-${index}`,
    execution_id: "r",
    sequence_num: index + 1,
    event_type: type,
    event_data: data,
    created_at: `2026-01-01T00:00:0${index}.000Z`,
  }));
}

const a = { step_name: "a" };

test("an execution is what its events say", () => {
  const told = events(
    ["execution.started", { pipeline: "p" }],
    ["step.started", { ...a, step_type: "step.set" }],
    ["step.output_recorded", { ...a, output: { x: 1 } }],
    ["step.completed", a],
    ["conditional.routed", { ...a, route: "c" }],
    ["step.skipped", { step_name: "c", reason: "its condition does not hold" }],
    ["execution.completed", {}],
  );
  expect(timelineOf("r", told)).toEqual({
    execution_id: "r",
    pipeline: "p",
    status: "completed",
    started_at: "2026-01-01T00:00:00.000Z",
    completed_at: "2026-01-01T00:00:06.000Z",
    event_count: 7,
    error: undefined,
    steps: [
      {
        step_name: "a",
        step_type: "step.set",
        status: "completed",
        output_data: { x: 1 },
        route: "c",
        started_at: "2026-01-01T00:00:01.000Z",
        completed_at: "2026-01-01T00:00:03.000Z",
      },
      {
        step_name: "c",
        status: "skipped",
        error: "its condition does not hold",
        completed_at: "2026-01-01T00:00:05.000Z",
      },
    ],
  });
});

test("a step that is tried again is the same step, and the execution runs again", () => {
  const failed = events(
    ["execution.started", { pipeline: "p" }],
    ["step.started", a],
    ["step.failed", { ...a, error: "no" }],
    ["execution.failed", { error: "step failed" }],
    ["retry.attempted", { ...a, attempt: 2 }],
  );
  expect(timelineOf("r", failed.slice(0, 4))).toMatchObject({ status: "failed", error: "step failed" });
  expect(timelineOf("r", failed)).toMatchObject({ status: "running", steps: [{ status: "running", retries: 1 }] });
  const again = [...failed, ...events(["step.started", a], ["step.completed", a], ["execution.completed", {}])];
  const done = timelineOf("r", again);
  expect(done).toMatchObject({ status: "completed", steps: [{ step_name: "a", status: "completed", retries: 1 }] });
  expect(done.steps).toHaveLength(1);
  expect(done.error).toBeUndefined();
});

test("a step that runs twice stands there twice", () => {
  const told = events(
    ["step.started", a],
    ["step.completed", a],
    ["step.started", a],
    ["step.failed", { error: "no", ...a }],
  );
  expect(timelineOf("r", told).steps.map(({ status }) => status)).toEqual(["completed", "failed"]);
});

test.each([
  ["execution.started", "running"],
  ["execution.cancelled", "cancelled"],
  ["execution.replay", "unknown"],
  ["something.else", "unknown"],
] as const)("after %s alone an execution is %s", (type, status) => {
  expect(timelineOf("r", events([type, {}]))).toMatchObject({ status, steps: [], event_count: 1 });
});

test("a compensated step says so", () => {
  const told = events(["step.started", a], ["step.compensated", a]);
  expect(timelineOf("r", told).steps).toMatchObject([{ status: "compensated" }]);
});
