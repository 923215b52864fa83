import { expect, test } from "bun:test";
import { serve, type TestServer, withServer } from "../harness/server.ts";

const pipelines = withServer(`
pipelines:
  greet:
    trigger: { type: http, config: { path: /greet, method: POST } }
    steps:
      - { name: name, type: step.set, config: { values: { who: "{{ .body.who }}" } } }
      - { name: answer, type: step.json_response, config: { body: { hello: "{{ .who }}" } } }
  approval:
    trigger: { type: http, config: { path: /requests, method: POST, async: true } }
    steps:
      - { name: first, type: step.set, config: { values: { asked: "yes" } } }
      - { name: wait, type: step.wait_for_signal, config: { signal: approve } }
      - { name: say, type: step.log, config: { message: "approved by {{ .payload.by }}" } }
  job:
    trigger: { type: http, config: { path: /jobs, method: POST, async: true } }
    steps:
      - { name: before, type: step.log, config: { message: "job begins" } }
      - { name: check, type: step.validate, config: { required_fields: [nothing] } }
      - { name: after, type: step.log, config: { message: "job done" } }
`);

async function start(server: TestServer, path: string): Promise<string> {
  const answer = await server.post(path, { who: "Ann" });
  return (answer.headers.get("location") ?? "").split("/").at(-1) ?? "";
}

async function read(server: TestServer, path: string, init?: RequestInit) {
  const answer = await server.manage(`/api/v1${path}`, init);
  const body: unknown = await answer.json();
  return { status: answer.status, body };
}

const post = (body?: unknown): RequestInit => ({
  method: "POST",
  ...(body === undefined ? {} : { body: JSON.stringify(body) }),
});

test("runs that answer requests are recorded in the background with their steps", async () => {
  await using server = await serve(pipelines);
  await server.post("/greet", { who: "Ann" });
  const { body } = await read(server, "/admin/executions?pipeline=greet");
  expect(body).toMatchObject({
    count: 1,
    executions: [{ pipeline: "greet", status: "completed", durability: "none" }],
  });
  const id = (body as { executions: { id: string }[] }).executions[0]?.id ?? "";
  expect((await read(server, `/admin/executions/${id}`)).body).toMatchObject({
    trigger_data: { method: "POST", path: "/greet", body: { who: "Ann" } },
    output_data: { status: 200 },
  });
  expect((await read(server, `/admin/executions/${id}/timeline`)).body).toMatchObject({
    steps: [
      { step_name: "name", status: "completed", output_data: { who: "Ann" }, idempotency_key: `${id}/1` },
      { step_name: "answer", status: "completed" },
    ],
  });
  expect((await read(server, `/admin/executions/${id}/events?type=step.started`)).body).toMatchObject({ count: 2 });
});

test("a signal is accepted once the run exists, and refused when it has ended", async () => {
  await using server = await serve(pipelines);
  const id = await start(server, "/requests");
  expect((await read(server, `/executions/${id}`)).body).toMatchObject({ pipeline: "approval" });
  expect((await read(server, `/executions/${id}/signals/approve`, post({ by: "Bob" }))).status).toBe(202);
  await server.logged("approved by Bob");
  await server.logged("Pipeline completed");
  const late = await read(server, `/executions/${id}/signals/approve`, post({}));
  expect(late).toMatchObject({ status: 409, body: { error: `execution ${id} has ended already: completed` } });
});

test("a waiting run can be cancelled, once", async () => {
  await using server = await serve(pipelines);
  const id = await start(server, "/requests");
  expect((await read(server, `/admin/executions/${id}/cancel`, post())).status).toBe(200);
  expect((await read(server, `/admin/executions/${id}`)).body).toMatchObject({ status: "cancelled" });
  expect((await read(server, `/admin/executions/${id}/cancel`, post())).status).toBe(409);
});

test("a replay runs the same input again, with changes where they are given", async () => {
  await using server = await serve(pipelines);
  await server.post("/greet", { who: "Ann" });
  const { body } = await read(server, "/admin/executions?pipeline=greet");
  const id = (body as { executions: { id: string }[] }).executions[0]?.id ?? "";
  const replay = await read(
    server,
    `/admin/executions/${id}/replay`,
    post({ mode: "modified", modifications: { body: { who: "Eve" } } }),
  );
  expect(replay).toMatchObject({
    status: 201,
    body: { original_execution_id: id, mode: "modified", status: "started" },
  });
  await server.logged("Pipeline completed");
  const newId = (replay.body as { new_execution_id: string }).new_execution_id;
  expect((await read(server, `/admin/executions/${newId}/timeline`)).body).toMatchObject({
    status: "completed",
    replay_of: id,
    steps: [{ step_name: "name", output_data: { who: "Eve" } }, { step_name: "answer" }],
  });
  expect((await read(server, `/admin/executions/${newId}/replay`)).body).toMatchObject({ is_replay: true });
});

test("a replay from a step keeps what the steps before it gave", async () => {
  await using server = await serve(pipelines);
  await server.post("/greet", { who: "Ann" });
  const { body } = await read(server, "/admin/executions?pipeline=greet");
  const id = (body as { executions: { id: string }[] }).executions[0]?.id ?? "";
  const modifications = { body: { who: "Eve" } };
  const request = post({ mode: "modified", modifications, from_step: "answer" });
  const replay = await read(server, `/admin/executions/${id}/replay`, request);
  await server.logged("Pipeline completed");
  const newId = (replay.body as { new_execution_id: string }).new_execution_id;
  expect((await read(server, `/admin/executions/${newId}/timeline`)).body).toMatchObject({
    steps: [
      { step_name: "name", output_data: { who: "Ann" } },
      { step_name: "answer", output_data: { body: { hello: "Ann" } } },
    ],
  });
});

test("a dead letter is retried from the failed step with the definition of today", async () => {
  await using server = await serve(pipelines);
  await start(server, "/jobs");
  await server.logged("Asynchronous run failed");
  const { body } = await read(server, "/admin/dlq");
  expect(body).toMatchObject({
    total: 1,
    entries: [{ pipeline_name: "job", step_name: "check", status: "pending", retry_count: 0 }],
  });
  const letter = (body as { entries: { id: string }[] }).entries[0]?.id ?? "";
  await server.reload(pipelines.replace("required_fields: [nothing]", "required_fields: [method]"));
  expect((await read(server, `/admin/dlq/${letter}/retry`, post())).body).toMatchObject({ status: "retrying" });
  await server.logged("job done");
  await server.logged("Pipeline completed");
  expect((await read(server, `/admin/dlq/${letter}`)).body).toMatchObject({ status: "resolved", retry_count: 1 });
  expect(server.records.filter(({ message }) => message === "job begins")).toHaveLength(1);
  expect((await read(server, `/admin/dlq/${letter}/retry`, post())).status).toBe(409);
});

test("a dead letter whose retry is cancelled is pending again", async () => {
  await using server = await serve(pipelines);
  await start(server, "/jobs");
  await server.logged("Asynchronous run failed");
  const { body } = await read(server, "/admin/dlq");
  const { id, metadata } = (body as { entries: { id: string; metadata: { execution_id: string } }[] }).entries[0] ?? {
    id: "",
    metadata: { execution_id: "" },
  };
  const waiting = "{ name: check, type: step.wait_for_signal, config: { signal: go } }";
  await server.reload(pipelines.replace(/\{ name: check, .*\}$/m, waiting));
  await read(server, `/admin/dlq/${id}/retry`, post());
  let status: unknown;
  while (status !== "waiting") {
    ({ status } = (await read(server, `/executions/${metadata.execution_id}`)).body as { status: string });
  }
  await read(server, `/executions/${metadata.execution_id}/cancel`, post());
  expect((await read(server, `/admin/dlq/${id}`)).body).toMatchObject({ status: "pending", retry_count: 1 });
});

test("closed dead letters are purged when they are old enough", async () => {
  await using server = await serve(pipelines);
  await start(server, "/jobs");
  await server.logged("Asynchronous run failed");
  const { body } = await read(server, "/admin/dlq");
  const letter = (body as { entries: { id: string }[] }).entries[0]?.id ?? "";
  expect((await read(server, `/admin/dlq/${letter}/discard`, post())).body).toEqual({ status: "discarded" });
  expect((await read(server, "/admin/dlq/stats")).body).toMatchObject({
    total: 1,
    by_status: { discarded: 1, pending: 0 },
  });
  expect((await read(server, "/admin/dlq/purge", { method: "DELETE" })).body).toEqual({
    purged: 0,
    older_than_hours: 720,
  });
  expect((await read(server, "/admin/dlq/purge?older_than_hours=0", { method: "DELETE" })).body).toMatchObject({
    older_than_hours: 0,
  });
});

test.each([
  ["GET", "/admin/executions/none", 400, "invalid id"],
  ["GET", "/admin/executions/00000000-0000-7000-8000-000000000000", 404, "there is no execution"],
  ["GET", "/admin/executions?status=odd", 400, "status must be one of"],
  ["GET", "/admin/executions?since=yesterday", 400, "since must be an RFC 3339 time"],
  ["GET", "/admin/executions?limit=-1", 400, "limit must be a whole number"],
  ["POST", "/executions/00000000-0000-7000-8000-000000000000/signals/go", 404, "there is no execution"],
  ["POST", "/admin/executions/00000000-0000-7000-8000-000000000000/replay", 404, "there is no execution"],
  ["GET", "/admin/dlq/none", 400, "invalid id"],
  ["GET", "/admin/dlq/00000000-0000-7000-8000-000000000000", 404, "entry not found"],
])("%s %s is answered %d", async (method, path, status, text) => {
  await using server = await serve(pipelines);
  const answer = await read(server, path, { method });
  expect(answer.status).toBe(status);
  expect((answer.body as { error: string }).error).toContain(text);
});
