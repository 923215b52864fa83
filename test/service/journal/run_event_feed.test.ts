import { expect, test } from "bun:test";
import type { RunEvent } from "../../../src/port/run_feed.ts";
import { RunEventFeed } from "../../../src/service/journal/run_event_feed.ts";
import { serve } from "../../harness/server.ts";
import { recording } from "../../plugin/eventstore/recorded.ts";

const event: RunEvent = { id: "1", run: "r", pipeline: "p", type: "execution.started", atMs: 0, data: {} };

test("everybody who listens hears an event, until they listen no more", () => {
  const feed = new RunEventFeed();
  const heard: string[] = [];
  const listener = () => void heard.push("a");
  const first = feed.subscribe(listener);
  const second = feed.subscribe(listener);
  feed.emit(event);
  first();
  first();
  feed.emit(event);
  second();
  feed.emit(event);
  expect(heard).toEqual(["a", "a", "a"]);
});

test("a feed is idle while nobody listens", () => {
  const feed = new RunEventFeed();
  const states = [feed.isIdle];
  const unsubscribe = feed.subscribe(() => {});
  states.push(feed.isIdle);
  unsubscribe();
  states.push(feed.isIdle);
  expect(states).toEqual([true, false, true]);
});

test("without an event store nobody listens", async () => {
  await using server = await serve(recording(""));
  expect(server.services.journal?.feed.isIdle).toBe(true);
});

test("who listens hears of runs as they go, and events have ids of their own", async () => {
  await using server = await serve(recording(""));
  const heard: RunEvent[] = [];
  server.services.journal?.feed.subscribe((told) => void heard.push(told));
  await server.post("/greet", { who: "Ann" });
  await server.post("/undo", {});
  expect(heard.map(({ type, pipeline }) => `${pipeline} ${type}`)).toEqual([
    "greet execution.started",
    "greet step.started",
    "greet step.output_recorded",
    "greet step.completed",
    "greet step.started",
    "greet step.output_recorded",
    "greet step.completed",
    "greet execution.completed",
    "undo execution.started",
    "undo step.started",
    "undo step.failed",
    "undo saga.compensating",
    "undo step.started",
    "undo step.output_recorded",
    "undo step.compensated",
    "undo saga.compensated",
    "undo execution.failed",
  ]);
  expect(new Set(heard.map(({ id }) => id)).size).toBe(heard.length);
});
