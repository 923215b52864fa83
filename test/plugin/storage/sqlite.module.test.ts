import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { serve, type TestServer, withServer } from "../../harness/server.ts";

const storage = (config: string, sql: string) =>
  withServer(`
  - { name: db, type: storage.sqlite, config: ${config} }
pipelines:
  p:
    trigger: { type: http, config: { method: POST, path: /p } }
    steps:
      - { name: read, type: step.db_query, config: { database: db, query: "${sql}", mode: single } }
      - { name: answer, type: step.json_response, config: { body_from: steps.read.row } }
`);

async function ask(server: TestServer): Promise<unknown> {
  return (await server.post("/p", {})).json();
}

test("the file is opened at start, with its folder, and foreign keys are on", async () => {
  await using server = await serve(storage("{}", "pragma foreign_keys"));
  expect(existsSync(join(server.directory, "data/workflow.db"))).toBe(true);
  expect(await ask(server)).toEqual({ foreign_keys: 1 });
});

test("dbPath names another file", async () => {
  await using server = await serve(storage("{ dbPath: other/x.db }", "select 1"));
  expect(existsSync(join(server.directory, "other/x.db"))).toBe(true);
});

test.each([
  ["true", "wal"],
  ["false", "delete"],
])("walMode %s means journal mode %s", async (walMode, expected) => {
  await using server = await serve(storage(`{ walMode: ${walMode} }`, "pragma journal_mode"));
  expect(await ask(server)).toEqual({ journal_mode: expected });
});

test.each([
  ["{}", "1"],
  ["{ maxConnections: 3 }", "3"],
])("with %s, six queries at once use %s connections", async (config, expected) => {
  const slow =
    "with recursive c(x) as (select 1 union all select x + 1 from c where x < 300000) select count(*) n from c";
  await using server = await serve(storage(config, slow));
  await Promise.all(Array.from({ length: 6 }, () => ask(server)));
  const text = await server.services.metrics.expose();
  expect(/^database_connections\{module="db"\} (\d+)$/m.exec(text)?.[1]).toBe(expected);
});

test("a path that cannot be opened fails the start", async () => {
  const failed = serve(storage(`{ dbPath: /dev/null/x.db }`, "select 1"));
  await expect(failed).rejects.toThrow(
    'failed to start workflow engine: failed to start application: module "db": SQLite database "/dev/null/x.db": ',
  );
});
