import { expect, test } from "bun:test";
import type { StateTracker, TrackedState } from "../../../src/port/statemachine.ts";
import { ManualClock } from "../../harness/manual_clock.ts";
import { serve, type TestServer, withServer } from "../../harness/server.ts";

const config = (settings = "{}") => withServer(`  - { name: states, type: state.tracker, config: ${settings} }`);

function trackerOf(server: TestServer): StateTracker {
  return server.engine.current?.service("states") as unknown as StateTracker;
}

test("the last and the previous state of a resource are remembered", async () => {
  const clock = new ManualClock(100);
  await using server = await serve(config(), { clock });
  const tracker = trackerOf(server);
  tracker.set("orders", "1", "new", { n: 1 });
  await clock.advance(50);
  tracker.set("orders", "1", "paid", { n: 2 });
  tracker.set("users", "1", "active", {});
  expect(tracker.get("orders", "1")).toEqual({
    id: "1",
    resourceType: "orders",
    currentState: "paid",
    previousState: "new",
    lastUpdate: 150,
    data: { n: 2 },
  });
  expect(tracker.get("orders", "2")).toBeUndefined();
});

test("listeners of a type, and of every type, are told later", async () => {
  await using server = await serve(config());
  const tracker = trackerOf(server);
  const told: string[] = [];
  const note = (name: string) => (state: TrackedState) => void told.push(`${name} ${state.resourceType}`);
  const end = tracker.onChange("orders", note("orders"));
  tracker.onChange("*", note("any"));
  tracker.onChange("users", () => {
    throw new Error("broken");
  });
  tracker.set("orders", "1", "new", {});
  expect(told).toEqual([]);
  await Promise.resolve();
  end();
  tracker.set("orders", "1", "paid", {});
  tracker.set("users", "1", "active", {});
  await Promise.resolve();
  expect(told).toEqual(["orders orders", "any orders", "any orders", "any users"]);
  expect(await server.logged("State listener failed")).toMatchObject({ attributes: { error: "broken" } });
});

test.each([
  ["{ retentionDays: 1 }", 86_400_000],
  ["{}", 30 * 86_400_000],
])("with %s a state is forgotten after %i ms without a change", async (settings, ms) => {
  const clock = new ManualClock();
  await using server = await serve(config(settings), { clock });
  const tracker = trackerOf(server);
  tracker.set("orders", "1", "new", {});
  await clock.advance(ms - 1);
  expect(tracker.get("orders", "1")).toBeDefined();
  await clock.advance(1);
  expect(tracker.get("orders", "1")).toBeUndefined();
});

test("beyond maxResources those that rested longest are forgotten, and their number is a metric", async () => {
  await using server = await serve(config("{ maxResources: 2 }"));
  const tracker = trackerOf(server);
  for (const id of ["1", "2", "1", "3"]) tracker.set("orders", id, "new", {});
  expect(["1", "2", "3"].map((id) => tracker.get("orders", id) !== undefined)).toEqual([true, false, true]);
  expect(await server.services.metrics.expose()).toContain('workflow_tracked_resources{module="states"} 2\n');
});

test("states survive a reload", async () => {
  await using server = await serve(config());
  trackerOf(server).set("orders", "1", "new", {});
  await server.reload(`${config()}\n# changed\n`);
  expect(trackerOf(server).get("orders", "1")).toBeDefined();
});
