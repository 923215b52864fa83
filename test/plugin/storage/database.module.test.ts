import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ManualClock } from "../../harness/manual_clock.ts";
import { check, serve, type TestServer, withServer } from "../../harness/server.ts";

const database = (config: string, sql = "select 1 as n") =>
  withServer(`
  - name: db
    type: database.workflow
    config: ${config}
pipelines:
  p:
    trigger: { type: http, config: { method: POST, path: /p } }
    steps:
      - { name: read, type: step.db_query, config: { database: db, query: "${sql}", mode: single } }
      - { name: answer, type: step.json_response, config: { body_from: steps.read.row } }
`);

/** A statement that keeps a connection busy for some tens of milliseconds. */
const slow =
  "with recursive c(x) as (select 1 union all select x + 1 from c where x < 300000) select count(*) as n from c";

async function connections(server: TestServer): Promise<string | undefined> {
  const text = await server.services.metrics.expose();
  return /^database_connections\{module="db"\} (\d+)$/m.exec(text)?.[1];
}

test.each(["sqlite", "sqlite3"])("driver %s opens a file in the working directory, with its folder", async (driver) => {
  await using server = await serve(database(`{ driver: ${driver}, dsn: "./data/app.db" }`));
  expect(existsSync(join(server.directory, "data/app.db"))).toBe(false);
  expect(await (await server.post("/p", {})).json()).toEqual({ n: 1 });
  expect(existsSync(join(server.directory, "data/app.db"))).toBe(true);
});

test("a relative dsn starts from `directory` when that is given", async () => {
  await using server = await serve(database(`{ driver: sqlite, dsn: app.db, directory: other }`));
  await server.post("/p", {});
  expect(existsSync(join(server.directory, "other/app.db"))).toBe(true);
});

test("the old name database.modular is the same module", async () => {
  const yaml = database(`{ driver: sqlite, dsn: ":memory:" }`).replace("database.workflow", "database.modular");
  await using server = await serve(yaml);
  expect(await (await server.post("/p", {})).json()).toEqual({ n: 1 });
});

test("other drivers are refused, and say what there is", async () => {
  expect((await check(database(`{ driver: postgres, dsn: "postgres://h/d" }`))).errors).toEqual([
    expect.stringMatching(/^9:5: .* "db": driver "postgres" is not available in this build; available: sqlite$/),
  ]);
  expect((await check(database(`{ driver: oracle, dsn: x }`))).errors).toEqual([
    expect.stringMatching(/^9:5: .*database\.workflow "db": unknown driver "oracle"; available: sqlite$/),
  ]);
  expect((await check(database(`{}`))).errors).toEqual([
    `11:13: modules[2].config.driver: required config field "driver" is missing`,
    `11:13: modules[2].config.dsn: required config field "dsn" is missing`,
  ]);
});

test("a slow query does not hold up other requests", async () => {
  await using server = await serve(database(`{ driver: sqlite, dsn: ":memory:" }`, slow));
  const finished: string[] = [];
  const query = server.post("/p", {}).then(() => finished.push("query"));
  const probe = server.get("/livez").then(() => finished.push("probe"));
  await Promise.all([query, probe]);
  expect(finished).toEqual(["probe", "query"]);
});

test.each([
  ["maxOpenConns: 1", "1"],
  ["maxOpenConns: 2", "2"],
  ["maxOpenConns: 0", "4"],
])("with %s, eight queries at once use %s connections", async (setting, expected) => {
  await using server = await serve(database(`{ driver: sqlite, dsn: app.db, maxIdleConns: 8, ${setting} }`, slow));
  await Promise.all(Array.from({ length: 8 }, () => server.post("/p", {})));
  expect(await connections(server)).toBe(expected);
});

test("connections beyond maxIdleConns are closed when they have nothing to do", async () => {
  await using server = await serve(database(`{ driver: sqlite, dsn: app.db, maxIdleConns: 0 }`));
  await server.post("/p", {});
  expect(await connections(server)).toBe("0");
  expect(await (await server.post("/p", {})).json()).toEqual({ n: 1 });
});

test("a connection older than connMaxLifetime is replaced", async () => {
  const clock = new ManualClock();
  await using server = await serve(database(`{ driver: sqlite, dsn: app.db, connMaxLifetime: 30m }`), { clock });
  await server.post("/p", {});
  expect(await connections(server)).toBe("1");
  await clock.advance(30 * 60_000);
  await server.post("/p", {});
  expect(await connections(server)).toBe("0");
});

test("a file that cannot be opened fails the step; the log names it and the one beside the configuration", async () => {
  await using server = await serve(database(`{ driver: sqlite, dsn: "file:app.db?mode=rw", directory: data }`), {
    files: { "app.db": "" },
  });
  expect((await server.post("/p", {})).status).toBe(500);
  const record = await server.logged("Step failed");
  const path = `${server.directory}/data/app.db`;
  expect(record.attributes["error"]).toBe(
    `db_query step "read": query failed: SQLite database "${path}": unable to open database file`,
  );
  const advice = await server.logged("The database does not exist yet");
  expect(advice.attributes["hint"]).toBe(
    "databases are relative to the working directory; " +
      `there is a file ${server.directory}/app.db beside the configuration`,
  );
});

test("options of the dsn prepare every connection", async () => {
  const config = (dsn: string) => `{ driver: sqlite, dsn: "${dsn}" }`;
  await using plain = await serve(database(config("a.db"), "pragma journal_mode"));
  expect(await (await plain.post("/p", {})).json()).toEqual({ journal_mode: "wal" });
  await using other = await serve(database(config("a.db?_journal_mode=delete"), "pragma journal_mode"));
  expect(await (await other.post("/p", {})).json()).toEqual({ journal_mode: "delete" });
});
