import { expect, test } from "bun:test";
import { check, serve, type TestServer } from "../../harness/server.ts";
import { recording, routesTo } from "./recorded.ts";

const routes = (handler: string) => routesTo(handler, "/api/v1/admin/{rest...}");

const config = (settings = "{}", handler = "times") =>
  recording(
    `  - { name: events, type: eventstore.service, config: { db_path: a.db } }
  - { name: times, type: timeline.service, config: ${settings} }
  - { name: query, type: api.query, config: { delegate: times.timeline } }
  - { name: again, type: api.command, config: { delegate: times.replay } }`,
    routes(handler),
  );

async function read(server: TestServer, path: string): Promise<{ status: number; body: unknown }> {
  const answer = await server.get(`/api/v1/admin${path}`);
  return { status: answer.status, body: await answer.json() };
}

/** The id of the newest execution of a pipeline. */
async function newest(server: TestServer, pipeline: string): Promise<string> {
  const { body } = await read(server, `/executions?pipeline=${pipeline}&limit=1`);
  return (body as { executions: { execution_id: string }[] }).executions[0]?.execution_id ?? "";
}

test("executions are listed by pipeline and status, page by page", async () => {
  await using server = await serve(config());
  for (const who of ["Ann", "Bob"]) await server.post("/greet", { who });
  await server.post("/undo", {});
  expect((await read(server, "/executions")).body).toMatchObject({
    count: 3,
    executions: [
      { pipeline: "undo", status: "failed", steps: [{ step_name: "check", status: "failed" }, { step_name: "sorry" }] },
      { pipeline: "greet", status: "completed", steps: [{ output_data: { who: "Bob" } }, {}] },
      { pipeline: "greet", steps: [{ output_data: { who: "Ann" } }, {}] },
    ],
  });
  expect((await read(server, "/executions?status=failed")).body).toMatchObject({ count: 1 });
  expect((await read(server, "/executions?pipeline=greet&limit=1&offset=1")).body).toMatchObject({
    count: 1,
    executions: [{ steps: [{ output_data: { who: "Ann" } }, {}] }],
  });
  expect(await read(server, "/executions?status=odd")).toEqual({
    status: 400,
    body: { error: "status must be one of running, completed, failed, cancelled" },
  });
});

test("one execution is shown as a timeline and as events", async () => {
  await using server = await serve(config());
  await server.post("/greet", { who: "Ann" });
  const id = await newest(server, "greet");
  expect((await read(server, `/executions/${id}/timeline`)).body).toMatchObject({
    execution_id: id,
    status: "completed",
    event_count: 8,
    steps: [{ step_name: "name", step_type: "step.set", status: "completed" }, { step_name: "answer" }],
  });
  expect((await read(server, `/executions/${id}/events`)).body).toMatchObject({ count: 8 });
  expect((await read(server, `/executions/${id}/events?type=step.completed`)).body).toMatchObject({
    count: 2,
    events: [
      { execution_id: id, sequence_num: 4, event_type: "step.completed", event_data: { step_name: "name" } },
      { event_data: { step_name: "answer" } },
    ],
  });
});

test("a replay runs again, and is known as one", async () => {
  await using server = await serve(config());
  await server.post("/greet", { who: "Ann" });
  const id = await newest(server, "greet");
  const answer = await server.post(`/api/v1/admin/executions/${id}/replay`, {
    mode: "modified",
    modifications: { body: { who: "Eve" } },
  });
  expect(answer.status).toBe(201);
  const { new_execution_id: newId, ...rest } = (await answer.json()) as { new_execution_id: string };
  expect(rest).toEqual({ original_execution_id: id, type: "replay", mode: "modified", status: "started" });
  await server.logged("Pipeline completed");
  expect((await read(server, `/executions/${newId}/timeline`)).body).toMatchObject({
    pipeline: "greet",
    status: "completed",
    steps: [{ output_data: { who: "Eve" } }, { step_name: "answer" }],
  });
  expect((await read(server, `/executions/${newId}/replay`)).body).toEqual({
    execution_id: newId,
    is_replay: true,
    replay_events: [
      {
        event_type: "execution.replay",
        data: { original_execution_id: id, mode: "modified" },
        created_at: expect.stringMatching(/^20\d\d-/),
      },
    ],
  });
  expect((await read(server, `/executions/${id}/replay`)).body).toMatchObject({ is_replay: false, replay_events: [] });
});

test.each([
  ["GET", "/executions/odd/timeline", 400, "invalid id"],
  ["POST", "/executions/odd/replay", 400, "invalid id"],
  ["GET", `/executions/${"0".repeat(8)}-0000-0000-0000-${"0".repeat(12)}/events`, 404, /^there is no execution 0000/],
  ["POST", `/executions/${"0".repeat(8)}-0000-0000-0000-${"0".repeat(12)}/replay`, 404, /^there is no execution 0000/],
  ["GET", "/executions/diff?a=1&b=2", 404, "executions are not compared by this server; read the timelines of both"],
  ["POST", "/backfill", 404, "backfills are not offered by this server; replay single executions"],
  ["DELETE", "/mocks/greet/name", 404, "step mocks are not offered by this server; run workflow tests"],
  ["GET", "/nothing", 404, "no route for /api/v1/admin/nothing"],
])("%s %s answers %i %s", async (method, path, status, message) => {
  await using server = await serve(config());
  const answer = await server.fetch(`/api/v1/admin${path}`, { method });
  expect(answer.status).toBe(status);
  const error = typeof message === "string" ? message : expect.stringMatching(message);
  expect(await answer.json()).toEqual({ error });
});

test("another mode than exact and modified is refused", async () => {
  await using server = await serve(config());
  await server.post("/greet", { who: "Ann" });
  const id = await newest(server, "greet");
  const answer = await server.post(`/api/v1/admin/executions/${id}/replay`, { mode: "odd" });
  expect(answer.status).toBe(400);
  expect(await answer.json()).toEqual({ error: "mode must be 'exact' or 'modified'" });
});

test("a method that a path does not have is refused with those it has", async () => {
  await using server = await serve(config());
  const answer = await server.fetch("/api/v1/admin/executions", { method: "POST" });
  expect([answer.status, answer.headers.get("allow"), await answer.text()]).toEqual([
    405,
    "GET",
    "Method Not Allowed\n",
  ]);
});

test("<name>.timeline and <name>.replay are delegates for their part of the routes", async () => {
  await using reading = await serve(config("{}", "query"));
  await reading.post("/greet", { who: "Ann" });
  const id = await newest(reading, "greet");
  expect((await read(reading, `/executions/${id}/replay`)).status).toBe(404);
  await using replaying = await serve(config("{}", "again"));
  expect((await read(replaying, "/executions")).status).toBe(404);
  expect((await replaying.post("/api/v1/admin/executions/odd/replay", {})).status).toBe(400);
});

const two = (settings: string, more = "") =>
  recording(
    `  - { name: events, type: eventstore.service, config: { db_path: a.db } }
  - { name: more, type: eventstore.service, config: { db_path: b.db } }${more}
  - { name: times, type: timeline.service, config: ${settings} }`,
    routes("times"),
  );

test.each([
  ["{}", "", "a.db"],
  ["{ event_store: more }", "", "b.db"],
  ["{}", "\n  - { name: admin-event-store, type: eventstore.service, config: { db_path: c.db } }", "c.db"],
])("with settings %s%s the timeline reads %s", async (settings, more, file) => {
  await using server = await serve(two(settings, more));
  const id = "00000000-0000-0000-0000-000000000001";
  for (const name of ["events", "more", "admin-event-store"]) {
    const store = server.engine.current?.service(name);
    if (store === undefined || !("take" in store) || typeof store.take !== "function") continue;
    const path = { events: "a.db", more: "b.db" }[name] ?? "c.db";
    const data = { pipeline: path };
    store.take({ id: name, run: id, pipeline: "p", type: "execution.started", atMs: 0, data });
  }
  expect((await read(server, `/executions/${id}/timeline`)).body).toMatchObject({ pipeline: file });
});

test("a name that is no event store is reported, and any event store is read", async () => {
  const { warnings } = await check(config("{ event_store: evnts }"));
  expect(warnings.filter((text) => text.includes("evnts"))).toEqual([expect.stringMatching(/^9:\d+: .*'evnts'/)]);
  await using server = await serve(config("{ event_store: evnts }"));
  expect((await read(server, "/executions")).status).toBe(200);
});

test("without an event store there is a warning, and requests are answered 503", async () => {
  const yaml = recording("  - { name: times, type: timeline.service }", routes("times"));
  await using server = await serve(yaml);
  await server.logged("There is no event store: the timeline answers nothing");
  expect((await read(server, "/executions")).status).toBe(503);
});
