import { expect, test } from "bun:test";
import { serve } from "../../harness/server.ts";
import { engineOf, withDoor } from "./machine_server.ts";

const config = (engine: string) => `${withDoor()}
pipelines:
  p:
    trigger: { type: http, config: { path: "/doors/{id}", method: GET } }
    steps:
      - { name: state, type: step.statemachine_get, config: { statemachine: ${engine}, entity_id: "{{ .id }}" } }
      - { name: answer, type: step.json_response, config: { body_from: steps.state } }
`;

test("the state of an instance is read", async () => {
  await using server = await serve(config("machine"));
  await engineOf(server).create("door", "d1", {});
  const answer = await server.get("/doors/d1");
  expect(await answer.json()).toEqual({ current_state: "closed", entity_id: "d1" });
});

test("an instance that does not exist answers 404", async () => {
  await using server = await serve(config("machine"));
  const answer = await server.get("/doors/d1");
  expect(answer.status).toBe(404);
  expect(JSON.stringify(await answer.json())).toContain("instance not found: workflow instance 'd1' not found");
});

test("an engine that is not there fails the step", async () => {
  await using server = await serve(config("gone"));
  expect((await server.get("/doors/d1")).status).toBe(500);
});
