import { expect, test } from "bun:test";
import { check, serve, type TestServer } from "../../harness/server.ts";
import { brokerOf, draining, listen, turn } from "../messaging/publisher.ts";
import { door, engineOf, failure, run, withDoor } from "./machine_server.ts";

function toldOf(server: TestServer) {
  return listen(brokerOf(server, "bus"), "told").texts;
}

const hooks = (filter: string) => `    hooks: [{ handler: told${filter} }]`;

test("a definition is what the file says", async () => {
  await using server = await serve(
    withDoor({
      definitions: `
      - name: m
        description: A machine.
        initialState: a
        states: { a: { description: Begin., data: { color: red } }, b: { isFinal: true, isError: true } }
        transitions: { go: { fromState: a, toState: b, autoTransform: true, data: { cost: 1 } } }
`,
    }),
  );
  const definition = engineOf(server).definition("m");
  expect({
    ...definition,
    states: [...(definition?.states ?? [])],
    transitions: [...(definition?.transitions ?? [])],
  }).toEqual({
    name: "m",
    description: "A machine.",
    initialState: "a",
    states: [
      ["a", { description: "Begin.", isFinal: false, isError: false, data: { color: "red" } }],
      ["b", { description: "", isFinal: true, isError: true, data: {} }],
    ],
    transitions: [["go", { fromState: "a", toState: "b", autoTransform: true, data: { cost: 1 } }]],
  });
});

test("the condition of a transition is not evaluated, and the check says so", async () => {
  const definitions = `
      - name: m
        initialState: a
        states: { a: {}, b: {} }
        transitions: { go: { fromState: a, toState: b, condition: "{{ false }}" } }
`;
  const { errors, warnings } = await check(withDoor({ definitions }));
  expect(errors).toEqual([]);
  expect(warnings.map((warning) => warning.replace(/^\d+/, "line"))).toEqual([
    'line:56: workflows.statemachine.definitions[0].transitions.go.condition: "condition" is not known here ' +
      "and has no effect",
  ]);
  await using server = await serve(withDoor({ definitions }));
  await run(server, "m", "", { id: "x" });
  await run(server, "m", "go", { id: "x" });
  expect(engineOf(server).get("x")?.currentState).toBe("b");
});

test.each([
  ["", ["open", "close", "lock"]],
  [", workflowType: door", ["open", "close", "lock"]],
  [", workflowType: window", []],
  [", transitions: [close, lock]", ["close", "lock"]],
  [", fromStates: [open]", ["close"]],
  [", toStates: [locked, open]", ["open", "lock"]],
  [", fromStates: [closed], toStates: [locked]", ["lock"]],
])("a hook {%s} is told of %p", async (filter, expected) => {
  await using server = await serve(withDoor({ section: hooks(filter) }));
  const told = toldOf(server);
  await run(server, "door", "", { id: "d" });
  for (const transition of ["open", "close", "lock"]) await run(server, "door", transition, { id: "d" });
  expect(told.map((text) => JSON.parse(text).transition)).toEqual(expected);
});

test("a message handler gets the definition, the instance and the transition", async () => {
  await using server = await serve(withDoor({ section: hooks("") }));
  const told = toldOf(server);
  await run(server, "door", "open", { id: "d1" });
  expect(told.map((text) => JSON.parse(text))).toEqual([
    { workflowId: "door", instanceId: "d1", transition: "open", fromState: "closed", toState: "open" },
  ]);
});

test("a handler that fails aborts the transition, and those after it are not told", async () => {
  const modules = "  - { name: refusing, type: webhook.sender }";
  const section = "    hooks: [{ handler: refusing, transitions: [open] }, { handler: told }]";
  await using server = await serve(withDoor({ modules, section }));
  const told = toldOf(server);
  expect(await failure(run(server, "door", "open", { id: "d1" }))).toBe(
    'workflow execution failed: transition handler failed: webhook sender "refusing": url is not configured',
  );
  expect(engineOf(server).get("d1")).toMatchObject({ currentState: "closed" });
  await run(server, "door", "lock", { id: "d1" });
  expect(told).toHaveLength(1);
});

test("a hook whose handler is not there is a warning; one that cannot be told is left out", async () => {
  const section = "    hooks: [{ handler: nobody }, { handler: bus }]";
  const yaml = withDoor({ section });
  expect((await check(yaml)).warnings).toEqual([expect.stringContaining("service 'nobody' is not defined")]);
  await using server = await serve(yaml);
  expect(await server.logged("Hook handler cannot be told of transitions; the hook is left out")).toMatchObject({
    attributes: { name: "bus" },
  });
  await run(server, "door", "open", { id: "d1" });
  expect(engineOf(server).get("d1")).toMatchObject({ currentState: "open" });
});

test.each([
  ["door", "open", { id: "d1" }, { instanceId: "d1", currentState: "open", transition: "open", success: true }],
  [
    "door",
    "open",
    { instanceId: "d1", id: "x" },
    { instanceId: "d1", currentState: "open", transition: "open", success: true },
  ],
  ["door", "open", { body: { id: 7 } }, { instanceId: "7", currentState: "open", transition: "open", success: true }],
  ["door", "", { id: "d1" }, { instanceId: "d1", currentState: "closed", created: true }],
  [
    "statemachine",
    "open",
    { id: "d1", workflowName: "door" },
    { instanceId: "d1", currentState: "open", transition: "open", success: true },
  ],
  [
    "statemachine",
    "machine:open",
    { id: "d1", workflowName: "door" },
    { instanceId: "d1", currentState: "open", transition: "open", success: true },
  ],
  [
    "statemachine",
    "",
    { workflowName: "door", id: "old" },
    { instanceId: "old", currentState: "locked", created: false },
  ],
])("a trigger for %s with the action %p and the data %p answers %p", async (workflow, action, data, expected) => {
  await using server = await serve(withDoor());
  await engineOf(server).create("door", "old", {});
  await engineOf(server).transition("old", "lock", {});
  expect(await run(server, workflow, action, data)).toEqual(expected);
});

test("a trigger's data becomes the instance's", async () => {
  await using server = await serve(withDoor());
  await run(server, "door", "", { id: "d1", a: 1 });
  await run(server, "statemachine", "open", { id: "d1", b: 2 });
  expect(engineOf(server).get("d1")?.data).toEqual({ id: "d1", a: 1, b: 2 });
});

test("an instance without an id gets one", async () => {
  await using server = await serve(withDoor());
  const { instanceId } = (await run(server, "door", "", {})) ?? {};
  expect(instanceId).toMatch(/^[0-9a-f-]{36}$/);
  expect(engineOf(server).get(String(instanceId))).toBeDefined();
});

test.each([
  ["statemachine", "open", {}, "workflow instance ID not provided in data"],
  ["statemachine", "open", { id: "d1" }, "workflow instance 'd1' not found"],
  ["statemachine", "open", { id: "d1", workflowName: "window" }, "workflow instance 'd1' not found"],
  ["door", "kick", { id: "d1" }, "transition 'kick' not found in workflow 'door'"],
  ["door", "close", { id: "d1" }, "cannot trigger transition 'close' from state 'closed', expected 'open'"],
  ["door", "other:open", { id: "d1" }, "state machine engine 'other' not found"],
])("a trigger for %s with the action %p and the data %p fails", async (workflow, action, data, message) => {
  await using server = await serve(withDoor());
  expect(await failure(run(server, workflow, action, data))).toBe(`workflow execution failed: ${message}`);
});

test("a transition that does not exist creates nothing", async () => {
  await using server = await serve(withDoor());
  await failure(run(server, "door", "kick", { id: "d1" }));
  expect(engineOf(server).instances()).toEqual([]);
});

test("an http trigger can name the state machine as its workflow", async () => {
  const trigger = `
triggers:
  http:
    routes: [{ method: POST, path: "/doors/{id}/open", workflow: door, action: open }]
`;
  await using server = await serve(withDoor() + trigger);
  expect((await server.post("/doors/d9/open", {})).status).toBe(202);
  expect(engineOf(server).get("d9")).toMatchObject({ currentState: "open" });
  expect((await server.post("/doors/d9/open", {})).status).toBe(409);
});

const refused = "18:9: failed to configure statemachine workflow: failed to register workflow 'door': ";

test.each([
  [
    "a missing initial state",
    door.replace("initialState: closed", "initialState: ajar"),
    `${refused}initial state 'ajar' not found in states definition`,
  ],
  [
    "no states",
    "\n      - { name: door, initialState: a }",
    `${refused}state machine definition must have at least one state`,
  ],
  [
    "no name",
    "\n      - { initialState: a }",
    '18:9: workflows.statemachine.definitions[0].name: required config field "name" is missing',
  ],
  [
    "a transition without an end",
    "\n      - { name: d, initialState: a, states: { a: {} }, transitions: { go: { fromState: a } } }",
    '18:75: workflows.statemachine.definitions[0].transitions.go.toState: required config field "toState" is missing',
  ],
])("%s is refused", async (_, definitions, problem) => {
  const { errors } = await check(withDoor({ definitions }));
  expect(errors).toEqual([problem]);
});

test("the engine must be there and must be one", async () => {
  const gone = await check(withDoor().replace("engine: machine", "engine: gone"));
  expect(gone.errors).toEqual(["16:13: workflows.statemachine.engine: service 'gone' is not defined"]);
  const other = await check(withDoor().replace("engine: machine", "engine: told"));
  expect(other.errors).toEqual([
    "16:13: workflows.statemachine.engine: module 'told' (type messaging.handler) is not a state machine engine",
  ]);
});

test("a server that stops lets hooks finish, and requests in flight can still move instances", async () => {
  await using server = await serve(withDoor({ section: hooks(", transitions: [open]") }));
  const gate = Promise.withResolvers<void>();
  brokerOf(server, "bus").subscribe("told", () => gate.promise);
  const engine = engineOf(server);
  await engine.create("door", "d1", {});
  await engine.create("door", "d2", {});
  const opening = engine.transition("d1", "open", {});
  const closing = server.engine.close(AbortSignal.timeout(5000)).then(() => "closed");
  await draining(server);
  expect(await engine.transition("d2", "lock", {})).toMatchObject({ currentState: "locked" });
  expect(await Promise.race([closing, turn().then(() => "still waiting")])).toBe("still waiting");
  gate.resolve();
  expect(await opening).toMatchObject({ currentState: "open" });
  expect(await closing).toBe("closed");
});
