import { describe, expect, test } from "bun:test";
import { ManualClock } from "../../harness/manual_clock.ts";
import { check, serve, type TestServer } from "../../harness/server.ts";
import { items, objectOf, put } from "./items.ts";

const engine = "\n  - { name: machine, type: statemachine.engine }";
const section = `
  statemachine:
    engine: machine
    definitions:
      - name: ticket
        initialState: new
        states: { new: {}, open: {}, taken: {}, closed: { isFinal: true } }
        transitions:
          start_validation: { fromState: new, toState: open }
          take: { fromState: open, toState: taken }
          close_it: { fromState: taken, toState: closed }`;

const moving = ["GET", "POST", "GET /{id}", "PUT /{id}/transition", "POST /{id}/transition", "POST /{id}/{action}"];
const tickets = (config: string, parts = [...moving, "GET /{id}/{part}", "DELETE /{id}/{part}"]) =>
  serve(items(config, parts, engine, section), { clock: new ManualClock(Date.UTC(2026, 0, 2, 3, 4, 5)) });

/** Waits until a resource has a state; the engine moves it in the background. */
async function until(server: TestServer, path: string, state: string): Promise<void> {
  for (let turn = 0; turn < 200; turn++) {
    if ((await objectOf(await server.get(path))).state === state) return;
  }
  throw new Error(`never ${state}`);
}

describe("with a state machine", () => {
  const linked = "{ workflowType: ticket, workflowEngine: machine }";

  test("a new resource gets an instance whose first transition moves the resource too", async () => {
    await using server = await tickets(linked);
    expect(await (await server.post("/api/items", { id: "t1" })).json()).toMatchObject({ state: "new" });
    await until(server, "/api/items/t1", "open");
  });

  test("another initial transition can be named, and one that is not defined is a warning", async () => {
    await using server = await tickets("{ workflowType: ticket, workflowEngine: machine, initialTransition: nope }");
    await server.post("/api/items", { id: "t1" });
    const { level, attributes } = await server.logged("Initial transition is not defined");
    expect([level, attributes.transition]).toEqual(["warn", "nope"]);
  });

  test("a transition moves the instance and the resource and is written into its data", async () => {
    await using server = await tickets(linked);
    await server.post("/api/items", { id: "t1", n: 1 });
    await until(server, "/api/items/t1", "open");
    const moved = await put(server, "/api/items/t1/transition", { transition: "take" });
    const data = {
      id: "t1",
      n: 1,
      state: "taken",
      lastUpdate: "2026-01-02T03:04:05Z",
      workflowType: "ticket",
      instanceId: "t1",
    };
    expect([moved.status, await moved.json()]).toEqual([
      200,
      {
        id: "t1",
        instanceId: "t1",
        lastUpdate: "2026-01-02T03:04:05Z",
        resource: { id: "t1", data, state: "taken", lastUpdate: "2026-01-02T03:04:05Z" },
        state: "taken",
        success: true,
        transition: "take",
      },
    ]);
  });

  test("a transition that is not possible is a 400 with its reason", async () => {
    await using server = await tickets(linked);
    await server.post("/api/items", { id: "t1" });
    await until(server, "/api/items/t1", "open");
    const refused = await server.post("/api/items/t1/transition", { transition: "close_it" });
    expect(refused.status).toBe(400);
    expect(await refused.json()).toEqual({
      error: expect.stringContaining("close_it"),
      id: "t1",
      instanceId: "t1",
      success: false,
      transition: "close_it",
    });
    expect((await objectOf(await server.get("/api/items/t1"))).state).toBe("open");
  });

  test.each([
    ["/api/items/none/transition", '{"transition":"take"}', 404, "Resource not found"],
    ["/api/items/t1/transition", "{", 400, "Invalid transition request format"],
    ["/api/items/t1/transition", "{}", 400, "Transition name is required"],
    ["/api/items/t1/transition", '{"transition":"take"}', 400, "Workflow type is required to create a new instance"],
  ])("POST %s with %s is %i: %s", async (path, body, status, error) => {
    await using server = await tickets("{}");
    await server.post("/api/items", { id: "t1" });
    const answer = await server.post(path, body);
    expect([answer.status, await answer.json()]).toEqual([status, { error }]);
  });

  test("a transition without an id in the path says so", async () => {
    await using server = await serve(items("{}", ["POST /all/transition"], engine, section));
    const answer = await server.post("/api/items/all/transition", { transition: "take" });
    expect([answer.status, await answer.json()]).toEqual([400, { error: "Resource ID is required for transition" }]);
  });

  test("without an engine transitions and sub-actions are a 500", async () => {
    await using server = await serve(items("{ workflowType: ticket }", moving));
    await server.post("/api/items", { id: "t1" });
    const transition = await server.post("/api/items/t1/transition", { transition: "take" });
    expect([transition.status, await transition.json()]).toEqual([500, { error: "Workflow engine not found" }]);
    const action = await server.post("/api/items/t1/assign");
    expect([action.status, await action.json()]).toEqual([500, { error: "Workflow engine not available" }]);
  });

  test("the request may name the type of a missing instance; its id has a prefix and comes from a field", async () => {
    await using server = await tickets('{ instanceIDPrefix: "ticket-", instanceIDField: number }');
    await server.post("/api/items", { id: "t1", number: 17 });
    const body = { transition: "start_validation", workflowType: "ticket", data: { by: "ann" } };
    const moved = await server.post("/api/items/t1/transition", body);
    expect(await moved.json()).toMatchObject({ success: true, instanceId: "ticket-17", state: "open" });
    // The type is remembered, so that the next transition need not name it.
    expect((await server.post("/api/items/t1/transition", { transition: "take" })).status).toBe(200);
  });

  test("a sub-action stands for a transition and lays its body over the data", async () => {
    await using server = await tickets(
      "{ workflowType: ticket, transitionMap: { begin: start_validation, close: x } }",
    );
    await server.post("/api/items", { id: "t1", n: 1 });
    const answer = await server.post("/api/items/t1/begin", { n: 2 });
    expect([answer.status, await answer.json()]).toEqual([
      200,
      {
        action: "begin",
        id: "t1",
        lastUpdate: "2026-01-02T03:04:05Z",
        state: "open",
        success: true,
        transition: "start_validation",
      },
    ]);
    const { data, state } = await objectOf(await server.get("/api/items/t1"));
    expect([state, data]).toEqual(["open", { id: "t1", n: 2, state: "open", lastUpdate: "2026-01-02T03:04:05Z" }]);
  });

  test.each([
    ["POST", "/api/items/t1/dance", 400, { error: "Unknown action: dance" }],
    ["POST", "/api/items/none/assign", 404, { error: "Resource not found" }],
    [
      "POST",
      "/api/items/t1/assign",
      400,
      {
        action: "assign",
        error: expect.stringContaining("assign_responder"),
        success: false,
        transition: "assign_responder",
      },
    ],
    ["GET", "/api/items/t1/parts", 404, { error: "Unknown sub-resource: parts" }],
    ["DELETE", "/api/items/t1/parts", 405, { error: "Method not allowed or invalid path" }],
  ])("%s %s is %i", async (method, path, status, expected) => {
    await using server = await tickets("{ workflowType: ticket }");
    await server.post("/api/items", { id: "t1" });
    const answer = await server.fetch(path, { method });
    expect([answer.status, await answer.json()]).toEqual([status, expected]);
  });

  test.each([
    ["assign", "assign_responder"],
    ["transfer", "transfer_to_responder"],
    ["escalate", "escalate_to_medical"],
    ["wrap-up", "begin_wrap_up"],
    ["close", "close_from_active"],
    ["follow-up", "schedule_follow_up"],
    ["survey", "send_entry_survey"],
  ])("the action %s is the transition %s", async (action, transition) => {
    await using server = await tickets("{ workflowType: ticket }");
    await server.post("/api/items", { id: "t1" });
    expect(await (await server.post(`/api/items/t1/${action}`)).json()).toMatchObject({ transition });
  });

  test("without a workflow type, what stands behind the id does not matter", async () => {
    await using server = await tickets("{}");
    await server.post("/api/items", { id: "t1" });
    expect(await (await server.get("/api/items/t1/parts")).json()).toMatchObject({ id: "t1" });
  });

  test("resources and instances stay linked over a reload", async () => {
    const yaml = items(linked, moving, engine, section);
    await using server = await serve(yaml);
    await server.post("/api/items", { id: "t1" });
    await until(server, "/api/items/t1", "open");
    await server.reload(`${yaml}\n# changed`);
    expect((await server.post("/api/items/t1/transition", { transition: "take" })).status).toBe(200);
    expect((await objectOf(await server.get("/api/items/t1"))).state).toBe("taken");
  });

  test("an engine that is not defined is a warning, and resources work without it", async () => {
    const yaml = items("{ workflowType: ticket, workflowEngine: nobody }");
    expect((await check(yaml)).warnings).toEqual([
      "11:53: modules[2].config.workflowEngine: service 'nobody' is not defined",
    ]);
    await using server = await serve(yaml);
    expect((await server.post("/api/items", { id: "a" })).status).toBe(201);
  });
});
