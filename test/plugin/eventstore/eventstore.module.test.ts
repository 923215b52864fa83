import { expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EventStore } from "../../../src/port/event_store.ts";
import { type Clock, systemClock } from "../../../src/time/clock.ts";
import { check, serve, type TestServer } from "../../harness/server.ts";
import { recording, rowsOf } from "./recorded.ts";

const events = (settings = "{}") => recording(`  - { name: events, type: eventstore.service, config: ${settings} }`);

function storeOf(server: TestServer, name = "events"): EventStore {
  const service = server.engine.current?.service(name);
  if (service === undefined || !("executions" in service)) throw new Error("no event store");
  return service as EventStore;
}

/** The events of the newest execution of a pipeline: type and data. */
async function told(server: TestServer, pipeline: string) {
  const [newest = []] = await storeOf(server).executions({ pipeline, limit: 1, offset: 0 });
  return newest.map(({ event_type: type, event_data: data }) => [type, data] as const);
}

async function typesOf(server: TestServer, pipeline: string): Promise<readonly string[]> {
  return (await told(server, pipeline)).map(([type]) => type);
}

/** The machine's clock, set forward. */
function clockAhead(days: number): Clock {
  return { ...systemClock, now: () => systemClock.now() + days * 86_400_000 };
}

test("a run tells of its beginning, its steps and its end", async () => {
  await using server = await serve(events());
  await server.post("/greet", { who: "Ann" });
  expect(await told(server, "greet")).toMatchObject([
    ["execution.started", { pipeline: "greet", trigger_type: "http", input: { body: { who: "Ann" } } }],
    ["step.started", { step_name: "name", step_type: "step.set", index: 1 }],
    ["step.output_recorded", { step_name: "name", output: { who: "Ann" } }],
    ["step.completed", { step_name: "name", elapsed: expect.stringMatching(/s$/) }],
    ["step.started", { step_name: "answer", step_type: "step.json_response", index: 2 }],
    ["step.output_recorded", { step_name: "answer" }],
    ["step.completed", { step_name: "answer" }],
    ["execution.completed", { pipeline: "greet", elapsed: expect.stringMatching(/s$/) }],
  ]);
});

test("a route to another step is told", async () => {
  await using server = await serve(events());
  await server.post("/choose", { kind: "big" });
  const routed = (await told(server, "choose")).filter(([type]) => type === "conditional.routed");
  expect(routed).toEqual([["conditional.routed", { step_name: "which", route: "large" }]]);
});

test("a failure and its compensation are told", async () => {
  await using server = await serve(events());
  await server.post("/undo", {});
  expect(await typesOf(server, "undo")).toEqual([
    "execution.started",
    "step.started",
    "step.failed",
    "saga.compensating",
    "step.started",
    "step.output_recorded",
    "step.compensated",
    "saga.compensated",
    "execution.failed",
  ]);
  expect((await told(server, "undo")).at(-1)).toMatchObject(["execution.failed", { strategy: "compensate" }]);
});

test("a failed run that is retried tells so, and goes on from the step that failed", async () => {
  await using server = await serve(events());
  const id = ((await server.post("/jobs", {})).headers.get("location") ?? "").split("/").at(-1) ?? "";
  await server.logged("Asynchronous run failed");
  const first = ["execution.started", "step.started", "step.output_recorded", "step.completed"];
  const failure = ["step.started", "step.failed", "execution.failed"];
  expect(await typesOf(server, "job")).toEqual([...first, ...failure]);
  const ended = server.services.journal?.whenEnded(id);
  const [letter] = (await server.services.journal?.deadLetters()) ?? [];
  await server.manage(`/api/v1/admin/dlq/${letter?.id ?? ""}/retry`, { method: "POST" });
  await expect(ended).rejects.toThrow('step "check" failed');
  expect(await typesOf(server, "job")).toEqual([...first, ...failure, "retry.attempted", ...failure]);
  expect((await told(server, "job"))[7]).toEqual(["retry.attempted", { step_name: "check", attempt: 2 }]);
});

test("a run that goes on in another process goes on with its events", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "workflow-events-"));
  const yaml = events(`{ db_path: ${join(dataDir, "e.db")} }`);
  try {
    let id = "";
    {
      await using server = await serve(yaml, { dataDir });
      id = ((await server.post("/wait", {})).headers.get("location") ?? "").split("/").at(-1) ?? "";
    }
    await using server = await serve(yaml, { dataDir });
    await server.services.journal?.signal(id, { id: "1", name: "go", payload: '{"by":"Ann"}' });
    await server.logged("Pipeline completed");
    const [execution = []] = await storeOf(server).executions({ limit: 1, offset: 0 });
    expect(execution.map(({ sequence_num: number, event_type: type }) => `${number} ${type}`)).toEqual([
      "1 execution.started",
      "2 step.started",
      "3 step.output_recorded",
      "4 step.completed",
      "5 execution.completed",
    ]);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});

test("a run that is cancelled while it waits says so once", async () => {
  await using server = await serve(events());
  const answer = await server.post("/wait", {});
  const id = (answer.headers.get("location") ?? "").split("/").at(-1) ?? "";
  expect((await server.manage(`/api/v1/admin/executions/${id}/cancel`, { method: "POST" })).status).toBe(200);
  expect(await typesOf(server, "wait")).toEqual(["execution.started", "execution.cancelled"]);
});

test("the table is as documented, in the file that db_path names", async () => {
  await using server = await serve(events("{ db_path: kept/e.db }"));
  await server.post("/greet", { who: "Ann" });
  // Reading waits for what is being written.
  await storeOf(server).executions({ limit: 1, offset: 0 });
  const [first, second] = rowsOf(join(server.directory, "kept/e.db"));
  expect(first).toMatchObject({ sequence_num: 1, event_type: "execution.started" });
  expect(JSON.parse(second?.event_data ?? "")).toEqual({ step_name: "name", step_type: "step.set", index: 1 });
  expect(existsSync(join(server.directory, "data/events.db"))).toBe(false);
});

test("without db_path the file is data/events.db, and all is written when the server ends", async () => {
  const directory = mkdtempSync(join(tmpdir(), "workflow-events-"));
  const path = join(directory, "events.db");
  try {
    {
      await using server = await serve(events());
      expect(existsSync(join(server.directory, "data/events.db"))).toBe(true);
    }
    {
      await using server = await serve(events(`{ db_path: ${path} }`));
      await server.post("/greet", { who: "Ann" });
    }
    expect(rowsOf(path)).toHaveLength(8);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

test.each([
  ["{}", 89, 1],
  ["{}", 91, 0],
  ["{ retention_days: 7 }", 8, 0],
  ["{ retention_days: 0 }", 4000, 1],
])("with settings %s, after %i days, %i executions are left", async (settings, days, left) => {
  const directory = mkdtempSync(join(tmpdir(), "workflow-events-"));
  const yaml = events(settings.replace("{", `{ db_path: ${join(directory, "e.db")},`));
  try {
    {
      await using server = await serve(yaml);
      await server.post("/greet", { who: "Ann" });
    }
    await using server = await serve(yaml, { clock: clockAhead(days) });
    expect(await storeOf(server).executions({ limit: 10, offset: 0 })).toHaveLength(left);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

test("the values of secrets are not in the file", async () => {
  const yaml = events().replace('who: "{{ .body.who }}"', 'who: "${GREETING_KEY}"');
  await using server = await serve(yaml, { environment: { GREETING_KEY: "hush-hush-hush" } });
  await server.post("/greet", {});
  expect(await told(server, "greet")).toContainEqual([
    "step.output_recorded",
    { step_name: "name", output: { who: "${GREETING_KEY}" } },
  ]);
});

test("data that is too long is left out of its event, with its length", async () => {
  await using server = await serve(events());
  await server.post("/greet", { who: "x".repeat(70_000) });
  const [, data] = (await told(server, "greet")).find(([type]) => type === "step.output_recorded") ?? [];
  expect(data).toEqual({ step_name: "name", left_out: 70_040 });
});

async function droppedBy(server: TestServer): Promise<string | undefined> {
  const metrics = await server.services.metrics.expose();
  return /^workflow_event_store_dropped_total\{module="events"\} (\d+)$/m.exec(metrics)?.[1];
}

test("events that come too fast for the file, or are no JSON, are dropped and counted", async () => {
  await using server = await serve(events());
  const store = storeOf(server);
  if (!("take" in store) || typeof store.take !== "function") throw new Error("no event log");
  const event = { run: "r", pipeline: "p", type: "execution.started", atMs: 0 };
  const circular: Record<string, unknown> = {};
  circular.itself = circular;
  store.take({ ...event, id: "circular", data: circular });
  expect(await droppedBy(server)).toBe("1");
  // 32 MiB hold 559 events of 60,000 characters.
  for (let id = 0; id < 600; id++) store.take({ ...event, id: String(id), data: { text: "x".repeat(59_900) } });
  const kept = (await store.events("r")).length;
  expect(kept).toBeWithin(550, 562);
  expect(await droppedBy(server)).toBe(String(601 - kept));
});

test("executions are found by pipeline and status, the newest first, page by page", async () => {
  await using server = await serve(events());
  for (const who of ["Ann", "Bob", "Eve"]) await server.post("/greet", { who });
  await server.post("/undo", {});
  const store = storeOf(server, "events.admin");
  const inputs = async (filter: Partial<Parameters<EventStore["executions"]>[0]>) => {
    const found = await store.executions({ limit: 10, offset: 0, ...filter });
    return found.map(([first]) => first?.event_data.input);
  };
  expect(await inputs({ pipeline: "greet" })).toMatchObject([
    { body: { who: "Eve" } },
    { body: { who: "Bob" } },
    { body: { who: "Ann" } },
  ]);
  expect(await inputs({ status: "failed" })).toMatchObject([{ path: "/undo" }]);
  expect(await inputs({ status: "running" })).toEqual([]);
  expect(await inputs({ status: "completed", limit: 1, offset: 1 })).toMatchObject([{ body: { who: "Bob" } }]);
});

test("a reload with other settings writes no event twice", async () => {
  await using server = await serve(events());
  await server.reload(events("{ retention_days: 5 }"));
  await server.post("/greet", { who: "Ann" });
  await server.reload(events("{ retention_days: 5 }"));
  await server.post("/greet", { who: "Bob" });
  const counts = (await storeOf(server).executions({ limit: 10, offset: 0 })).map((execution) => execution.length);
  expect(counts).toEqual([8, 8]);
});

test("a file that cannot be opened keeps the server from starting", async () => {
  const failure = serve(events("{ db_path: workflow.yaml/e.db }"));
  await expect(failure).rejects.toThrow(/module "events": cannot open ".*workflow\.yaml\/e\.db": /);
});

test("a wrong setting is a warning with its place", async () => {
  const { errors, warnings } = await check(events("{ retention_days: -1 }"));
  expect(errors).toEqual([]);
  const text = 'config field "retention_days" must be at least 0, got "-1"; the default 90 is used';
  expect(warnings).toContain(`8:73: modules[2].config.retention_days: ${text}`);
});
