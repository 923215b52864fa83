import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Clock, systemClock } from "../../src/time/clock.ts";
import { serve, type TestServer, withServer } from "../harness/server.ts";

/** The machine's clock, set forward. */
function clockAhead(ms: number): Clock {
  return { ...systemClock, now: () => systemClock.now() + ms };
}

async function runs(server: TestServer, pipeline: string) {
  const journal = server.services.journal;
  if (journal === undefined) throw new Error("no journal");
  return journal.list({ pipeline });
}

/** Starts a run; its id. */
async function accepted(server: TestServer, path: string): Promise<string> {
  const answer = await server.post(path, {});
  return (answer.headers.get("location") ?? "").split("/").at(-1) ?? "";
}

test("a durable pipeline commits its run and its steps", async () => {
  await using server = await serve(
    withServer(`
pipelines:
  order:
    durability: durable
    trigger: { type: http, config: { path: /orders, method: POST } }
    steps:
      - { name: parse, type: step.request_parse, config: { parse_body: true } }
      - { name: note, type: step.set, config: { values: { customer: "{{ .body.customer }}" } } }
      - { name: answer, type: step.json_response, config: { status: 201, body: { customer: "{{ .customer }}" } } }
`),
  );
  const answer = await server.post("/orders", { customer: "Ann" });
  expect(answer.status).toBe(201);
  expect(await answer.json()).toEqual({ customer: "Ann" });
  const [run] = await runs(server, "order");
  expect(run).toMatchObject({ status: "completed", durability: "durable", trigger: "http", attempt: 1 });
  const steps = await server.services.journal?.steps(run?.id ?? "");
  expect(steps?.map(({ name, status }) => `${name} ${status}`)).toEqual([
    "parse completed",
    "note completed",
    "answer completed",
  ]);
});

test("a run that sleeps goes on after a restart", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "workflow-durable-"));
  const yaml = withServer(`
pipelines:
  nap:
    trigger: { type: http, config: { path: /nap, method: POST } }
    steps:
      - { name: before, type: step.set, config: { values: { started: "yes" } } }
      - { name: rest, type: step.sleep, config: { duration: "25s" } }
      - { name: after, type: step.log, config: { message: "awake {{ .started }}" } }
`);
  try {
    let id = "";
    {
      await using server = await serve(yaml, { dataDir });
      const answer = await server.post("/nap", {});
      expect(answer.status).toBe(202);
      id = answer.headers.get("location") ?? "";
      expect(id).toStartWith("/api/v1/executions/");
      expect(await runs(server, "nap")).toMatchObject([{ status: "waiting" }]);
    }
    await using server = await serve(yaml, { dataDir, clock: clockAhead(26_000) });
    await server.logged("awake yes");
    await server.logged("Pipeline completed");
    expect(await runs(server, "nap")).toMatchObject([{ status: "completed" }]);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});

test("an asynchronous trigger answers before the run, with its address", async () => {
  await using server = await serve(
    withServer(`
pipelines:
  job:
    trigger: { type: http, config: { path: /jobs, method: POST, async: true } }
    steps:
      - { name: say, type: step.log, config: { message: "working on {{ .body.id }}" } }
`),
  );
  const answer = await server.post("/jobs", { id: 7 });
  expect(answer.status).toBe(202);
  const location = answer.headers.get("location") ?? "";
  expect(await answer.json()).toEqual({ status: "workflow triggered", execution_id: location.split("/").at(-1) });
  await server.logged("working on 7");
  await server.logged("Pipeline completed");
  expect(await runs(server, "job")).toMatchObject([{ status: "completed", id: location.split("/").at(-1) }]);
});

test("a signal wakes a run, and what came with it is the step's output", async () => {
  await using server = await serve(
    withServer(`
pipelines:
  approval:
    trigger: { type: http, config: { path: /requests, method: POST, async: true } }
    steps:
      - { name: wait, type: step.wait_for_signal, config: { signal: approve } }
      - { name: say, type: step.log, config: { message: "approved by {{ .payload.by }}" } }
`),
  );
  const id = await accepted(server, "/requests");
  await server.services.journal?.signal(id, { id: "1", name: "approve", payload: '{"by":"Ann"}' });
  await server.logged("approved by Ann");
});

test("a signal that comes before the run waits for it is not lost", async () => {
  await using server = await serve(
    withServer(`
pipelines:
  approval:
    trigger: { type: http, config: { path: /requests, method: POST, async: true } }
    steps:
      - { name: rest, type: step.sleep, config: { duration: 50ms } }
      - { name: wait, type: step.wait_for_signal, config: { signal: approve } }
      - { name: say, type: step.log, config: { message: "approved by {{ .payload.by }}" } }
`),
  );
  const id = await accepted(server, "/requests");
  await server.services.journal?.signal(id, { id: "1", name: "approve", payload: '{"by":"Ann"}' });
  await server.logged("approved by Ann");
});

test("a wait that takes too long goes on at the step for it", async () => {
  await using server = await serve(
    withServer(`
pipelines:
  approval:
    trigger: { type: http, config: { path: /requests, method: POST, async: true } }
    steps:
      - { name: wait, type: step.wait_for_signal, config: { signal: approve, timeout: 30ms, on_timeout: late } }
      - { name: say, type: step.log, config: { message: "approved" } }
      - { name: late, type: step.log, config: { message: "timed out {{ .timed_out }}" } }
`),
  );
  await server.post("/requests", {});
  await server.logged("timed out true");
  expect(server.records.some(({ message }) => message === "approved")).toBe(false);
});

test("a second request with the same Idempotency-Key gets the first one's answer", async () => {
  await using server = await serve(
    withServer(`
pipelines:
  order:
    durability: durable
    trigger: { type: http, config: { path: /orders, method: POST } }
    steps:
      - { name: id, type: step.set, config: { values: { id: "{{ uuid }}" } } }
      - { name: answer, type: step.json_response, config: { status: 201, body: { id: "{{ .id }}" } } }
`),
  );
  const key = { "idempotency-key": "abc" };
  const first = await server.post("/orders", { a: 1 }, key);
  const second = await server.post("/orders", { a: 1 }, key);
  expect([first.status, second.status]).toEqual([201, 201]);
  expect(await second.json()).toEqual(await first.json());
  expect(second.headers.get("idempotency-replayed")).toBe("true");
  expect((await server.post("/orders", { a: 2 }, key)).status).toBe(422);
  expect(await runs(server, "order")).toHaveLength(1);
});

test("a failed run that nobody waited for is among the dead letters", async () => {
  await using server = await serve(
    withServer(`
pipelines:
  job:
    trigger: { type: http, config: { path: /jobs, method: POST, async: true } }
    steps:
      - { name: check, type: step.validate, config: { required_fields: [nothing] } }
`),
  );
  await server.post("/jobs", { id: 7 });
  await server.logged("Asynchronous run failed");
  expect(await runs(server, "job")).toMatchObject([{ status: "failed", failedStep: "check" }]);
  const letters = await server.services.journal?.deadLetters();
  expect(letters).toMatchObject([{ pipeline: "job", step: "check", status: "pending" }]);
});

test("a run in flight goes on with the definition it was started with", async () => {
  const yaml = (text: string) =>
    withServer(`
pipelines:
  approval:
    trigger: { type: http, config: { path: /requests, method: POST, async: true } }
    steps:
      - { name: wait, type: step.wait_for_signal, config: { signal: approve } }
      - { name: say, type: step.log, config: { message: "${text}" } }
`);
  await using server = await serve(yaml("old words"));
  const id = await accepted(server, "/requests");
  await server.reload(yaml("new words"));
  await server.services.journal?.signal(id, { id: "1", name: "approve", payload: "null" });
  await server.logged("old words");
  expect(server.records.some(({ message }) => message === "new words")).toBe(false);
});

test("a run whose definition fits no longer is blocked until a configuration fits", async () => {
  const flag = `
  - { name: cache, type: cache.modular }`;
  const pipeline = `
pipelines:
  approval:
    trigger: { type: http, config: { path: /requests, method: POST, async: true } }
    steps:
      - { name: wait, type: step.wait_for_signal, config: { signal: approve } }
      - { name: keep, type: step.cache_set, config: { cache: cache, key: a, value: b } }
      - { name: say, type: step.log, config: { message: "kept" } }
`;
  const withCache = withServer(pipeline)
    .replace("\nworkflows:", `${flag}\nworkflows:`)
    .replace("\npipelines:", `${flag}\npipelines:`);
  await using server = await serve(withCache);
  const id = await accepted(server, "/requests");
  await server.reload(withServer("\npipelines: {}\n"));
  await server.services.journal?.signal(id, { id: "1", name: "approve", payload: "null" });
  await server.logged("A run is blocked");
  await server.reload(withCache);
  await server.logged("kept");
});

test("a step that stopped waiting in vain may be skipped, and the next one waits anew", async () => {
  await using server = await serve(
    withServer(`
pipelines:
  approval:
    trigger: { type: http, config: { path: /requests, method: POST, async: true } }
    steps:
      - { name: first, type: step.wait_for_signal, on_error: skip, config: { signal: a, timeout: 20ms } }
      - { name: second, type: step.wait_for_signal, config: { signal: b } }
      - { name: say, type: step.log, config: { message: "b came" } }
`),
  );
  const id = await accepted(server, "/requests");
  await server.services.journal?.signal(id, { id: "1", name: "b", payload: "null" });
  await server.logged("b came");
});

test("a step that routes to one that does not exist ends the run, whatever its strategy", async () => {
  await using server = await serve(
    withServer(`
pipelines:
  lost:
    durability: durable
    trigger: { type: http, config: { path: /lost, method: POST } }
    steps:
      - { name: where, type: step.conditional, on_error: skip, config: { field: method, routes: { POST: nowhere } } }
`),
  );
  expect((await server.post("/lost", {})).status).toBe(500);
  const [run] = await runs(server, "lost");
  expect(run?.error).toBe('step "where" routed to unknown step "nowhere"');
});

test("a called pipeline is a durable run of its own, which happens once", async () => {
  await using server = await serve(
    withServer(`
pipelines:
  outer:
    durability: durable
    trigger: { type: http, config: { path: /outer, method: POST } }
    steps:
      - { name: call, type: step.workflow_call, config: { workflow: inner, output_mapping: { said: word } } }
      - { name: answer, type: step.json_response, config: { body: { said: "{{ .said }}" } } }
  inner:
    steps:
      - { name: rest, type: step.sleep, config: { duration: 20ms } }
      - { name: word, type: step.set, config: { values: { word: "hello" } } }
`),
  );
  expect(await (await server.post("/outer", {})).json()).toEqual({ said: "hello" });
  const [outer] = await runs(server, "outer");
  expect(await runs(server, "inner")).toMatchObject([
    { status: "completed", parent: outer?.id, idempotencyKey: `${outer?.id}/1` },
  ]);
});

test("durability none is never kept before it ends, strict after every step", async () => {
  await using server = await serve(
    withServer(`
pipelines:
  plain:
    durability: none
    on_error: compensate
    trigger: { type: http, config: { path: /plain, method: POST } }
    steps:
      - { name: a, type: step.set, config: { values: { a: 1 } } }
  strict:
    durability: strict
    trigger: { type: http, config: { path: /strict, method: POST } }
    steps:
      - { name: a, type: step.set, config: { values: { a: 1 } } }
`),
  );
  await server.post("/plain", {});
  await server.post("/strict", {});
  expect(await runs(server, "plain")).toMatchObject([{ durability: "none" }]);
  expect(await runs(server, "strict")).toMatchObject([{ durability: "strict" }]);
});
