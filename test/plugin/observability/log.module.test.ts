import { expect, test } from "bun:test";
import { ManualClock } from "../../harness/manual_clock.ts";
import { serve, type TestServer, withServer } from "../../harness/server.ts";

const config = (settings: string) =>
  withServer(`
  - { name: logs, type: log.collector, config: ${settings} }
pipelines:
  p:
    trigger: { type: http, config: { method: POST, path: /p } }
    steps:
      - { name: a, type: step.log, config: { message: "one {{ .body.n }}", level: info } }
      - { name: b, type: step.log, config: { message: "two", level: warn } }
`);

interface Logs {
  readonly config: unknown;
  readonly count: number;
  readonly entries: readonly Record<string, unknown>[] | null;
}

async function logs(server: TestServer, query = ""): Promise<Logs> {
  return JSON.parse(await (await server.get(`/logs${query}`)).text());
}

async function messages(server: TestServer, query = ""): Promise<readonly unknown[]> {
  return ((await logs(server, query)).entries ?? []).map((entry) => entry["message"]);
}

test("collects what the engine logs, with time, module, level and message", async () => {
  await using server = await serve(config("{}"));
  await server.post("/p", { n: 1 });
  const found = await logs(server);
  expect(found.config).toEqual({ logLevel: "info", outputFormat: "json", retentionDays: 7 });
  expect(found.entries?.filter((entry) => entry["message"] === "one 1")).toEqual([
    { timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/), module: "p", level: "info", message: "one 1" },
  ]);
  expect(found.count).toBe(found.entries?.length ?? -1);
});

test("level and module filter exactly", async () => {
  await using server = await serve(config("{}"));
  await server.post("/p", { n: 1 });
  expect(await messages(server, "?level=warn")).toEqual(["two"]);
  expect(await messages(server, "?module=p&level=warn")).toEqual(["two"]);
  expect(await logs(server, "?module=nobody")).toMatchObject({ count: 0, entries: null });
});

test.each(["logLevel", "level"])("%s is the lowest level that is kept", async (key) => {
  await using server = await serve(config(`{ ${key}: warn }`));
  await server.post("/p", { n: 1 });
  expect(await messages(server)).toEqual(["two"]);
});

test.each(["outputFormat", "format"])("%s: text gives lines", async (key) => {
  await using server = await serve(config(`{ ${key}: text, level: warn }`));
  await server.post("/p", { n: 1 });
  const answer = await server.get("/logs");
  expect(answer.headers.get("content-type")).toBe("text/plain; charset=utf-8");
  expect(await answer.text()).toMatch(/^time=\S+ level=WARN msg=two .*pipeline=p.*\n$/);
});

test.each([
  ["{}", 7],
  ["{ retentionDays: 2 }", 2],
])("with %s records are shown for %i days", async (settings, days) => {
  const clock = new ManualClock(Date.now());
  await using server = await serve(config(settings), { clock });
  await server.post("/p", { n: 1 });
  await clock.advance((days * 24 - 1) * 3_600_000);
  expect(await messages(server)).toContain("one 1");
  await clock.advance(2 * 3_600_000);
  expect(await messages(server)).not.toContain("one 1");
});

test("what was collected survives a reload", async () => {
  await using server = await serve(config("{}"));
  await server.post("/p", { n: 1 });
  await server.reload(`${config("{}")}# a comment\n`);
  await server.engine.settled();
  await server.post("/p", { n: 2 });
  expect((await messages(server)).filter((message) => String(message).startsWith("one"))).toEqual(["one 1", "one 2"]);
});
