import { expect, test } from "bun:test";
import { check, serve } from "../../harness/server.ts";
import { engineOf, withDoor } from "./machine_server.ts";

const config = (settings: string) => `${withDoor()}
pipelines:
  p:
    trigger: { type: http, config: { path: "/doors/{id}", method: POST } }
    steps:
      - { name: move, type: step.statemachine_transition, config: ${settings} }
      - { name: answer, type: step.json_response, config: { body_from: steps.move } }
`;

const usual = 'statemachine: machine, entity_id: "{{ .id }}", event: "{{ .body.event }}"';

test("an instance is moved and its data merged", async () => {
  await using server = await serve(config(`{ ${usual}, data: { by: "{{ .body.by }}", n: 1 } }`));
  await engineOf(server).create("door", "d1", { old: true });
  const answer = await server.post("/doors/d1", { event: "open", by: "me" });
  expect(await answer.json()).toEqual({ transition_ok: true, new_state: "open" });
  expect(engineOf(server).get("d1")?.data).toEqual({ old: true, by: "me", n: 1 });
});

test.each([
  ["d1", "close", "cannot trigger transition 'close' from state 'closed', expected 'open'", 409],
  ["d1", "kick", "transition 'kick' not found in workflow 'door'", 404],
  ["d2", "open", "workflow instance 'd2' not found", 404],
])("a transition of %s by %s is a result, or fails the step with fail_on_error", async (id, event, error, status) => {
  await using server = await serve(config(`{ ${usual} }`));
  await engineOf(server).create("door", "d1", {});
  const result = await server.post(`/doors/${id}`, { event });
  expect(await result.json()).toEqual({ transition_ok: false, error });
  await server.reload(config(`{ ${usual}, fail_on_error: true }`));
  const failure = await server.post(`/doors/${id}`, { event });
  expect(failure.status).toBe(status);
  expect(JSON.stringify(await failure.json())).toContain(
    `statemachine_transition step \\"move\\": transition failed: ${error}`,
  );
});

test("an engine that is not there is a warning, and fails the step", async () => {
  const yaml = config("{ statemachine: gone, entity_id: d1, event: open }");
  expect((await check(yaml)).warnings).toEqual([expect.stringContaining("service 'gone' is not defined")]);
  await using server = await serve(yaml);
  expect((await server.post("/doors/d1", {})).status).toBe(500);
  expect((await server.logged("Step failed")).attributes["error"]).toBe(
    'service "gone" not found as a state machine engine',
  );
});

test.each(["statemachine", "entity_id", "event"])("%s is required", async (key) => {
  const all: Record<string, string> = { statemachine: "machine", entity_id: "d1", event: "open" };
  delete all[key];
  const { errors } = await check(config(JSON.stringify(all)));
  expect(errors).toEqual([expect.stringContaining(`statemachine_transition step "move": '${key}' is required`)]);
});
