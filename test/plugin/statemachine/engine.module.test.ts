import { expect, test } from "bun:test";
import type { StateMachineDefinition, TransitionListener } from "../../../src/port/statemachine.ts";
import { ManualClock } from "../../harness/manual_clock.ts";
import { serve } from "../../harness/server.ts";
import { engineOf, failure, withDoor } from "./machine_server.ts";

/** A definition with the given transitions (`name: from>to`, `!` for automatic ones) whose states all exist. */
function machineOf(name: string, transitions: Readonly<Record<string, string>>): StateMachineDefinition {
  const parsed = Object.entries(transitions).map(([id, text]) => {
    const [fromState = "", toState = ""] = text.replace("!", "").split(">");
    const autoTransform = text.endsWith("!");
    return [id, { fromState, toState, autoTransform, data: {} }] as const;
  });
  const state = { description: "", isFinal: false, isError: false, data: {} };
  const names = parsed.flatMap(([, { fromState, toState }]) => [fromState, toState]);
  return {
    name,
    description: "",
    initialState: names[0] ?? "",
    states: new Map(names.map((id) => [id, state])),
    transitions: new Map(parsed),
  };
}

test("a new instance stands in the initial state with its data", async () => {
  await using server = await serve(withDoor(), { clock: new ManualClock(1000) });
  const engine = engineOf(server);
  expect(await engine.create("door", "d1", { color: "red" })).toEqual({
    id: "d1",
    workflowType: "door",
    currentState: "closed",
    previousState: "",
    data: { color: "red" },
    startTime: 1000,
    lastUpdated: 1000,
    completed: false,
    error: undefined,
  });
  expect(engine.instances("door").map(({ id }) => id)).toEqual(["d1"]);
  expect(engine.instances("window")).toEqual([]);
});

test("a transition moves the instance and merges its data", async () => {
  const clock = new ManualClock(1000);
  await using server = await serve(withDoor(), { clock });
  const engine = engineOf(server);
  await engine.create("door", "d1", { color: "red", size: 1 });
  await clock.advance(500);
  expect(await engine.transition("d1", "open", { size: 2, by: "me" })).toMatchObject({
    currentState: "open",
    previousState: "closed",
    data: { color: "red", size: 2, by: "me" },
    startTime: 1000,
    lastUpdated: 1500,
    completed: false,
  });
});

test.each([
  [["lock"], { currentState: "locked", completed: true, error: undefined }],
  [["open", "break"], { currentState: "broken", completed: true, error: "Workflow ended in error state" }],
  [["open", "close"], { currentState: "closed", completed: false, error: undefined }],
])("the transitions %p end in %p", async (transitions, expected) => {
  await using server = await serve(withDoor());
  const engine = engineOf(server);
  await engine.create("door", "d1", {});
  for (const transition of transitions) await engine.transition("d1", transition, {});
  expect(engine.get("d1")).toMatchObject(expected);
});

test("what cannot be done says why", async () => {
  await using server = await serve(withDoor());
  const engine = engineOf(server);
  await engine.create("door", "d1", {});
  expect(await failure(engine.create("window", "w", {}))).toBe("workflow type 'window' not found");
  expect(await failure(engine.transition("d2", "open", {}))).toBe("workflow instance 'd2' not found");
  expect(await failure(engine.transition("d1", "kick", {}))).toBe("transition 'kick' not found in workflow 'door'");
  expect(await failure(engine.transition("d1", "close", {}))).toBe(
    "cannot trigger transition 'close' from state 'closed', expected 'open'",
  );
  expect(engine.get("d1")).toMatchObject({ currentState: "closed" });
});

test("an instance whose definition is gone cannot move", async () => {
  await using server = await serve(withDoor());
  const engine = engineOf(server);
  const uninstall = engine.install({ definitions: [machineOf("short", { go: "a>b" })], hooks: [] });
  await engine.create("short", "s1", {});
  uninstall();
  expect(await failure(engine.transition("s1", "go", {}))).toBe("workflow definition 'short' not found");
});

test("creating an id again overwrites the instance", async () => {
  await using server = await serve(withDoor());
  const engine = engineOf(server);
  await engine.create("door", "d1", { a: 1 });
  await engine.transition("d1", "lock", {});
  await engine.create("door", "d1", { b: 2 });
  expect(engine.get("d1")).toMatchObject({ currentState: "closed", completed: false, data: { b: 2 } });
  expect(engine.instances()).toHaveLength(1);
});

test("data cannot replace the prototype of what an instance holds", async () => {
  await using server = await serve(withDoor());
  const engine = engineOf(server);
  await engine.create("door", "d1", JSON.parse('{"__proto__":{"polluted":1}}'));
  const moved = await engine.transition("d1", "open", JSON.parse('{"__proto__":{"polluted":2},"constructor":3}'));
  expect(Object.getPrototypeOf(moved.data)).toBe(Object.prototype);
  expect(Reflect.get(moved.data, "polluted")).toBeUndefined();
});

test.each([
  ["{ maxInstances: 2 }", 2],
  ["{}", 1000],
])("with %s there is room for %i instances that run", async (settings, room) => {
  await using server = await serve(withDoor({ engine: settings }));
  const engine = engineOf(server);
  for (let index = 0; index < room; index++) await engine.create("door", `d${index}`, {});
  expect(await failure(engine.create("door", "more", {}))).toBe(`maximum concurrent instances (${room}) reached`);
  await engine.transition("d0", "lock", {});
  await engine.create("door", "more", {});
  expect(engine.get("d0")).toBeUndefined();
  expect(engine.instances()).toHaveLength(room);
});

test.each([
  ["{ instanceTTL: 1h }", 3_600_000],
  ["{}", 86_400_000],
])("with %s finished instances are forgotten after %i ms, and others are kept", async (settings, ms) => {
  const clock = new ManualClock();
  await using server = await serve(withDoor({ engine: settings }), { clock });
  const engine = engineOf(server);
  await engine.create("door", "done", {});
  await engine.create("door", "running", {});
  await engine.transition("done", "lock", {});
  await clock.advance(ms - 1);
  expect(engine.get("done")).toBeDefined();
  await clock.advance(1);
  expect(engine.get("done")).toBeUndefined();
  expect(engine.get("running")).toBeDefined();
});

test("the number of instances is a metric", async () => {
  await using server = await serve(withDoor());
  await engineOf(server).create("door", "d1", {});
  expect(await server.services.metrics.expose()).toContain('workflow_state_machine_instances{engine="machine"} 1\n');
});

test("transitions of one instance run one after the other, those of others do not wait", async () => {
  await using server = await serve(withDoor());
  const engine = engineOf(server);
  const gate = Promise.withResolvers<void>();
  const slow: TransitionListener = async ({ workflowId }) => {
    if (workflowId === "s1") await gate.promise;
  };
  engine.install({ definitions: [machineOf("loop", { go: "a>b", back: "b>a" })], hooks: [slow] });
  await engine.create("loop", "s1", {});
  await engine.create("loop", "s2", {});
  const order: string[] = [];
  const go = engine.transition("s1", "go", {}).then(() => order.push("go"));
  const back = engine.transition("s1", "back", {}).then(() => order.push("back"));
  await engine.transition("s2", "go", {}).then(() => order.push("other"));
  gate.resolve();
  await Promise.all([go, back]);
  expect(order).toEqual(["other", "go", "back"]);
  expect(engine.get("s1")).toMatchObject({ currentState: "a", previousState: "b" });
});

test("of two equal transitions at the same time only one happens", async () => {
  await using server = await serve(withDoor());
  const engine = engineOf(server);
  await engine.create("door", "d1", {});
  const both = await Promise.all([
    failure(engine.transition("d1", "open", {})),
    failure(engine.transition("d1", "open", {})),
  ]);
  expect(both).toEqual(["no failure", "cannot trigger transition 'open' from state 'open', expected 'closed'"]);
});

test("the first automatic transition of the definition follows by itself, and so on", async () => {
  await using server = await serve(withDoor());
  const engine = engineOf(server);
  const seen: string[] = [];
  engine.onChange(({ currentState }) => void seen.push(currentState));
  const definition = machineOf("auto", { go: "a>b", first: "b>c!", second: "b>d!", third: "c>e!" });
  engine.install({ definitions: [definition], hooks: [] });
  await engine.create("auto", "x", {});
  const moved = await engine.transition("x", "go", { n: 1 });
  expect(moved.currentState).toBe("b");
  expect(await failure(engine.transition("x", "go", {}))).toBe(
    "cannot trigger transition 'go' from state 'e', expected 'a'",
  );
  expect(seen).toEqual(["b", "c", "e"]);
});

test("automatic transitions that never end are stopped and logged", async () => {
  await using server = await serve(withDoor());
  const engine = engineOf(server);
  engine.install({ definitions: [machineOf("endless", { go: "a>b", there: "b>c!", back: "c>b!" })], hooks: [] });
  await engine.create("endless", "x", {});
  await engine.transition("x", "go", {});
  expect(await server.logged("State machine transition failed")).toMatchObject({
    attributes: { error: "more than 100 automatic transitions in a row; they are taken for endless" },
  });
});

test("a hook that fails keeps the old state and data, and later hooks do not run", async () => {
  await using server = await serve(withDoor());
  const engine = engineOf(server);
  const calls: string[] = [];
  const refuse: TransitionListener = ({ transitionId }) => {
    calls.push(transitionId);
    throw new Error("no");
  };
  const definitions = [machineOf("m", { go: "a>b" })];
  engine.install({ definitions, hooks: [refuse, () => void calls.push("second")] });
  await engine.create("m", "x", {});
  expect(await failure(engine.transition("x", "go", { n: 1 }))).toBe("transition handler failed: no");
  expect(calls).toEqual(["go"]);
  expect(engine.get("x")).toMatchObject({ currentState: "a", data: {} });
});

test("hooks see the old state and the data the instance will have", async () => {
  await using server = await serve(withDoor(), { clock: new ManualClock(77) });
  const engine = engineOf(server);
  const events: unknown[] = [];
  const hooks: TransitionListener[] = [(event) => void events.push([event, engine.get("x")?.currentState])];
  engine.install({ definitions: [machineOf("m", { go: "a>b" })], hooks });
  await engine.create("m", "x", { a: 1 });
  await engine.transition("x", "go", { b: 2 });
  const event = {
    workflowType: "m",
    workflowId: "x",
    transitionId: "go",
    fromState: "a",
    toState: "b",
    timestamp: 77,
    data: { a: 1, b: 2 },
  };
  expect(events).toEqual([[event, "a"]]);
});

test("a transition that a hook fires runs once the hook's own has ended", async () => {
  await using server = await serve(withDoor());
  const engine = engineOf(server);
  const done = Promise.withResolvers<void>();
  engine.onChange(({ currentState }) => void (currentState === "c" && done.resolve()));
  const hook: TransitionListener = ({ transitionId, workflowId }) => {
    if (transitionId === "go") engine.fire(workflowId, "next", { from: "hook" });
  };
  engine.install({ definitions: [machineOf("m", { go: "a>b", next: "b>c" })], hooks: [hook] });
  await engine.create("m", "x", {});
  await engine.transition("x", "go", {});
  await done.promise;
  expect(engine.get("x")).toMatchObject({ currentState: "c", data: { from: "hook" } });
});

test("a fired transition that is not possible is logged", async () => {
  await using server = await serve(withDoor());
  engineOf(server).fire("gone", "open", {});
  expect(await server.logged("State machine transition failed")).toMatchObject({
    level: "error",
    attributes: { instance: "gone", transition: "open", error: "workflow instance 'gone' not found" },
  });
});

test("a hook that waits for another transition of its own instance fails after ten seconds", async () => {
  const clock = new ManualClock();
  await using server = await serve(withDoor(), { clock });
  const engine = engineOf(server);
  const hook: TransitionListener = async ({ workflowId }) => void (await engine.transition(workflowId, "other", {}));
  engine.install({ definitions: [machineOf("m", { go: "a>b", other: "a>c" })], hooks: [hook] });
  await engine.create("m", "x", {});
  const moving = failure(engine.transition("x", "go", {}));
  await clock.advance(10_000);
  expect(await moving).toBe(
    "transition handler failed: workflow instance 'x' is in the middle of a transition that waits for this one",
  );
  expect(engine.get("x")).toMatchObject({ currentState: "a" });
  expect(clock.pendingTimers).toBe(0);
});

test("a later section replaces a definition and its hooks until it is taken out", async () => {
  await using server = await serve(withDoor());
  const engine = engineOf(server);
  const calls: string[] = [];
  const hook =
    (name: string): TransitionListener =>
    () =>
      void calls.push(name);
  const old = machineOf("m", { go: "a>b" });
  const removed = engine.install({ definitions: [old, machineOf("n", { go: "a>b" })], hooks: [hook("old")] });
  const uninstall = engine.install({ definitions: [machineOf("m", { go: "a>z" })], hooks: [hook("new")] });
  for (const [type, id] of [
    ["m", "1"],
    ["n", "2"],
  ] as const) {
    await engine.create(type, id, {});
    await engine.transition(id, "go", {});
  }
  expect(calls).toEqual(["new", "old"]);
  expect(engine.get("1")).toMatchObject({ currentState: "z" });
  expect(engine.definitions()).toEqual(["door", "m", "n"]);
  uninstall();
  expect(engine.definition("m")).toBe(old);
  removed();
  expect(engine.definitions()).toEqual(["door"]);
});

test("a listener that fails hides the change from nobody else", async () => {
  await using server = await serve(withDoor());
  const engine = engineOf(server);
  const states: string[] = [];
  engine.onChange(() => {
    throw new Error("broken");
  });
  const end = engine.onChange(({ currentState }) => void states.push(currentState));
  await engine.create("door", "d1", {});
  await engine.transition("d1", "open", {});
  end();
  await engine.transition("d1", "close", {});
  expect(states).toEqual(["open"]);
  expect(await server.logged("State machine listener failed")).toMatchObject({ attributes: { error: "broken" } });
});

test("instances survive a reload that leaves the engine as it is, with the new definitions", async () => {
  await using server = await serve(withDoor());
  await engineOf(server).create("door", "d1", { a: 1 });
  await server.reload(withDoor().replace("lock: { fromState: closed", "seal: { fromState: closed"));
  const engine = engineOf(server);
  expect(await failure(engine.transition("d1", "lock", {}))).toBe("transition 'lock' not found in workflow 'door'");
  expect(await engine.transition("d1", "seal", {})).toMatchObject({ currentState: "locked", data: { a: 1 } });
});

test("instances are gone when a reload changes the engine's settings", async () => {
  await using server = await serve(withDoor());
  await engineOf(server).create("door", "d1", {});
  await server.reload(withDoor({ engine: "{ maxInstances: 5 }" }));
  expect(engineOf(server).get("d1")).toBeUndefined();
});
