import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Clock, systemClock } from "../../../src/time/clock.ts";
import { serve, type TestServer } from "../../harness/server.ts";
import { recording, routesTo } from "./recorded.ts";

const config = (settings = "{}", handler = "letters") =>
  recording(
    `  - { name: letters, type: dlq.service, config: ${settings} }
  - { name: query, type: api.query, config: { delegate: letters.admin } }`,
    routesTo(handler, "/ops/dlq", "/ops/dlq/{rest...}"),
  );

/** The machine's clock, set forward. */
function clockAhead(days: number): Clock {
  return { ...systemClock, now: () => systemClock.now() + days * 86_400_000 };
}

async function call(server: TestServer, path: string, method = "GET"): Promise<{ status: number; body: unknown }> {
  const answer = await server.fetch(`/ops/dlq${path}`, { method });
  return { status: answer.status, body: await answer.json() };
}

interface Entries {
  readonly entries: readonly { readonly id: string; readonly status: string; readonly retry_count: number }[];
}

/** Makes a dead letter; its id. */
async function deadLetter(server: TestServer): Promise<string> {
  await server.post("/jobs", {});
  await server.logged("Asynchronous run failed");
  const { body } = await call(server, "");
  return (body as Entries).entries[0]?.id ?? "";
}

/** Retries a dead letter, and waits until the retry has failed. */
async function retry(server: TestServer, id: string): Promise<{ status: number; body: unknown }> {
  const { body } = await call(server, `/${id}`);
  const run = (body as { metadata: { execution_id: string } }).metadata.execution_id;
  const ended = server.services.journal?.whenEnded(run);
  const answer = await call(server, `/${id}/retry`, "POST");
  if (answer.status === 200) await expect(ended).rejects.toThrow('step "check" failed');
  return answer;
}

test("dead letters are listed, counted and shown one by one", async () => {
  await using server = await serve(config());
  const id = await deadLetter(server);
  const entry = {
    id,
    pipeline_name: "job",
    step_name: "check",
    status: "pending",
    retry_count: 0,
    max_retries: 3,
    original_event: { path: "/jobs" },
  };
  expect((await call(server, "")).body).toMatchObject({ entries: [entry], total: 1, limit: 50, offset: 0 });
  expect((await call(server, "?pipeline=other")).body).toMatchObject({ entries: [], total: 0 });
  expect((await call(server, "?step=check&status=pending&limit=1&offset=1")).body).toMatchObject({
    entries: [],
    total: 1,
    limit: 1,
    offset: 1,
  });
  expect((await call(server, "/stats")).body).toEqual({
    total: 1,
    by_status: { pending: 1, retrying: 0, resolved: 0, discarded: 0 },
  });
  expect((await call(server, `/${id}`)).body).toMatchObject(entry);
});

test.each([
  ["GET", "/odd", 400, "invalid id"],
  ["GET", "/00000000-0000-0000-0000-000000000000", 404, "entry not found"],
  ["POST", "/00000000-0000-0000-0000-000000000000/retry", 404, "entry not found"],
  ["POST", "/00000000-0000-0000-0000-000000000000/discard", 404, "entry not found"],
  ["GET", "?status=odd", 400, "status must be pending, retrying, resolved or discarded"],
  ["GET", "/a/b/c", 404, "no route for /ops/dlq/a/b/c"],
])("%s %s answers %i %s", async (method, path, status, error) => {
  await using server = await serve(config());
  expect(await call(server, path, method)).toEqual({ status, body: { error } });
});

test("a dead letter is discarded or resolved once", async () => {
  await using server = await serve(config());
  const id = await deadLetter(server);
  expect(await call(server, `/${id}/resolve`, "POST")).toEqual({ status: 200, body: { status: "resolved" } });
  expect(await call(server, `/${id}/discard`, "POST")).toEqual({
    status: 409,
    body: { error: `dead letter ${id} is resolved` },
  });
  expect((await call(server, "/purge?older_than_hours=1", "DELETE")).body).toEqual({ purged: 0, older_than_hours: 1 });
});

test("after max_retries failed retries a dead letter is retried no more, through no port", async () => {
  await using server = await serve(config("{ max_retries: 2 }"));
  const id = await deadLetter(server);
  expect(await retry(server, id)).toMatchObject({ status: 200, body: { status: "retrying" } });
  expect((await retry(server, id)).status).toBe(200);
  const error = `dead letter ${id} has been retried 2 times, which is as often as max_retries allows`;
  expect(await call(server, `/${id}/retry`, "POST")).toEqual({ status: 409, body: { error } });
  const managed = await server.manage(`/api/v1/admin/dlq/${id}/retry`, { method: "POST" });
  expect([managed.status, await managed.json()]).toEqual([409, { error }]);
  const shown = await server.manage(`/api/v1/admin/dlq/${id}`);
  expect(await shown.json()).toMatchObject({ status: "pending", retry_count: 2, max_retries: 2 });
});

test.each([
  ["{}", 3],
  ["{ max_retries: 0 }", 0],
])("with settings %s a dead letter is retried %i times", async (settings, times) => {
  await using server = await serve(config(settings));
  const id = await deadLetter(server);
  for (let turn = 0; turn < times; turn++) expect((await retry(server, id)).status).toBe(200);
  expect((await retry(server, id)).status).toBe(409);
});

test("without a dlq.service retries are not limited, and a reload lifts the limit", async () => {
  await using server = await serve(config("{ max_retries: 0 }"));
  const id = await deadLetter(server);
  await server.reload(recording(""));
  await server.engine.settled();
  const shown = await server.manage(`/api/v1/admin/dlq/${id}`);
  expect(Object.keys((await shown.json()) as object)).not.toContain("max_retries");
  expect((await server.manage(`/api/v1/admin/dlq/${id}/retry`, { method: "POST" })).status).toBe(200);
});

test.each([
  ["{}", 29, "discard", 1],
  ["{}", 31, "discard", 0],
  ["{ retention_days: 7 }", 8, "resolve", 0],
  ["{ retention_days: 0 }", 4000, "resolve", 1],
  ["{}", 4000, "", 1],
])(
  "with settings %s, after %i days, of a letter that was given '%s' %i is left",
  async (settings, days, verb, left) => {
    const dataDir = mkdtempSync(join(tmpdir(), "workflow-letters-"));
    try {
      {
        await using server = await serve(config(settings), { dataDir });
        const id = await deadLetter(server);
        if (verb !== "") expect((await call(server, `/${id}/${verb}`, "POST")).status).toBe(200);
      }
      await using server = await serve(config(settings), { dataDir, clock: clockAhead(days) });
      if (left === 0) await server.logged("Old dead letters removed");
      expect((await call(server, "")).body).toMatchObject({ total: left });
    } finally {
      rmSync(dataDir, { recursive: true, force: true });
    }
  },
);

test("<name>.admin is a delegate, and <name>.store has the letters", async () => {
  await using server = await serve(config("{}", "query"));
  const id = await deadLetter(server);
  expect((await call(server, `/${id}`)).status).toBe(200);
  const store = server.engine.current?.service("letters.store");
  if (store === undefined || !("entry" in store) || typeof store.entry !== "function") throw new Error("no store");
  expect(await store.entry(id)).toMatchObject({ id, status: "pending" });
});

test("the values of secrets are not in the answers", async () => {
  const yaml = config().replace("required_fields: [nothing]", 'required_fields: ["${FIELD}"]');
  await using server = await serve(yaml, { environment: { FIELD: "very-secret-field" } });
  const id = await deadLetter(server);
  const { body } = await call(server, `/${id}`);
  expect(JSON.stringify(body)).toContain("${FIELD}");
  expect(JSON.stringify(body)).not.toContain("very-secret-field");
});
