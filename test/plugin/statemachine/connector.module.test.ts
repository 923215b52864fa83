import { expect, test } from "bun:test";
import type { StateConnector, StateTracker } from "../../../src/port/statemachine.ts";
import { serve, type TestServer, withServer } from "../../harness/server.ts";
import { door, engineOf, run, withDoor } from "./machine_server.ts";

const tracker = "  - { name: workflow.service.statetracker, type: state.tracker }";

function stateOf(server: TestServer, resourceType: string, id: string, name = "workflow.service.statetracker") {
  const service = server.engine.current?.service(name) as unknown as StateTracker;
  return service.get(resourceType, id)?.currentState;
}

test("without a mapping each definition is a resource type, with underscores", async () => {
  const definitions = door.replace("name: door", "name: front-door");
  await using server = await serve(withDoor({ modules: tracker, definitions }));
  await run(server, "front-door", "open", { id: "d1" });
  expect(stateOf(server, "front_door", "d1")).toBe("open");
});

test.each([
  ["{ resourceType: doors, stateMachine: machine }", "doors", "d1"],
  ["{ resourceType: doors, stateMachine: machine, instanceIDKey: number }", "doors", "42"],
  ["{ resourceType: doors, stateMachine: machine, instanceIDKey: none }", "doors", "instance"],
])("the mapping %s writes states as %s %s", async (mapping, resourceType, id) => {
  await using server = await serve(withDoor({ modules: tracker, section: `    resourceMappings: [${mapping}]` }));
  await run(server, "door", "open", { instanceId: "instance", id: "d1", number: 42 });
  expect(stateOf(server, resourceType, id)).toBe("open");
});

test("of several mappings of an engine, the one named like the definition counts", async () => {
  const section = `    resourceMappings:
      - { resourceType: doors, stateMachine: machine }
      - { resourceType: door, stateMachine: machine }`;
  await using server = await serve(withDoor({ modules: tracker, section }));
  await run(server, "door", "open", { id: "d1" });
  expect([stateOf(server, "door", "d1"), stateOf(server, "doors", "d1")]).toEqual(["open", undefined]);
});

test.each([
  ["tracker: other", "other", "open"],
  ["connector: links", "workflow.service.statetracker", "open"],
  ["connector: links", "other", undefined],
  ["connector: to-other", "other", "open"],
  ["modules: [{ config: { stateTracker: other } }]", "other", "open"],
])("with `%s` the tracker %s says %p", async (setting, name, expected) => {
  const modules = `${tracker}
  - { name: other, type: state.tracker }
  - { name: links, type: state.connector }
  - { name: to-other, type: state.connector, config: { tracker: other } }`;
  // Without a connector of the fixed name the first module would be taken.
  const named = setting.startsWith("connector")
    ? modules
    : modules.replaceAll(/\n {2}- \{ name: (links|to-other).*/g, "");
  await using server = await serve(withDoor({ modules: named, section: `    ${setting}` }));
  await run(server, "door", "open", { id: "d1" });
  expect(stateOf(server, "door", "d1", name)).toBe(expected);
});

test("a connector knows the engine of a resource type", async () => {
  const modules = "  - { name: workflow.connector.statemachine, type: state.connector }";
  await using server = await serve(withDoor({ modules }));
  const connector = server.engine.current?.service("workflow.connector.statemachine") as unknown as StateConnector;
  expect(connector.engineFor("door")).toBe(engineOf(server));
  expect(connector.engineFor("window")).toBeUndefined();
});

test("a connector without a tracker cannot start", async () => {
  const yaml = withServer("  - { name: links, type: state.connector }");
  await expect(serve(yaml)).rejects.toMatchObject({
    message:
      'failed to start workflow engine: failed to start application: module "links": state tracker service not found',
  });
});

test("after a reload each change is written once, and what the tracker does not know is written at once", async () => {
  const modules = "  - { name: states, type: state.tracker }\n  - { name: links, type: state.connector }";
  await using server = await serve(withDoor());
  await run(server, "door", "open", { id: "d1" });
  await server.reload(withDoor({ modules }));
  expect(stateOf(server, "door", "d1", "states")).toBe("open");
  const changes: string[] = [];
  const states = server.engine.current?.service("states") as unknown as StateTracker;
  states.onChange("*", ({ currentState }) => void changes.push(currentState));
  await server.reload(`${withDoor({ modules })}\n# changed\n`);
  await server.engine.settled();
  await run(server, "door", "close", { id: "d1" });
  await Promise.resolve();
  expect(changes).toEqual(["closed"]);
});
