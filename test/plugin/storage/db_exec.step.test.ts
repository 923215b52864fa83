import { expect, test } from "bun:test";
import { check, serve, withServer } from "../../harness/server.ts";

const pipeline = (config: string) =>
  withServer(`
  - name: db
    type: database.workflow
    config: { driver: sqlite, dsn: ":memory:" }
pipelines:
  p:
    trigger: { type: http, config: { method: POST, path: /p } }
    steps:
      - name: make
        type: step.db_exec
        config: { database: db, query: "create table if not exists pet(id integer primary key, name text unique)" }
      - name: change
        type: step.db_exec
        config: ${config}
      - { name: answer, type: step.json_response, config: { body_from: steps.change } }
`);

test("gives the number of rows that changed and the last row id as text", async () => {
  const config = `{ database: db, query: "insert into pet(name) values ($1), ($2)", params: ["{{ .body.a }}", b] }`;
  await using server = await serve(pipeline(config));
  expect(await (await server.post("/p", { a: "x" })).json()).toEqual({ affected_rows: 2, last_id: "2" });
});

test("a failing statement fails the step, unless ignore_error is set", async () => {
  const config = (more: string) => pipeline(`{ database: db, query: "insert into pet(name) values ('x')"${more} }`);
  await using strict = await serve(config(""));
  await strict.post("/p", {});
  expect((await strict.post("/p", {})).status).toBe(500);
  const record = await strict.logged("Step failed");
  expect(record.attributes["error"]).toBe('db_exec step "change": exec failed: UNIQUE constraint failed: pet.name');
  await using tolerant = await serve(config(", ignore_error: true"));
  await tolerant.post("/p", {});
  expect(await (await tolerant.post("/p", {})).json()).toEqual({
    affected_rows: 0,
    ignored_error: "UNIQUE constraint failed: pet.name",
    last_id: "0",
  });
});

test("without parameters the text may hold several statements", async () => {
  const config = `{ database: db, query: "insert into pet(name) values ('a'); insert into pet(name) values ('b')" }`;
  await using server = await serve(pipeline(config));
  expect(await (await server.post("/p", {})).json()).toEqual({ affected_rows: 2, last_id: "2" });
});

test("SQL with a template is refused, unless the step allows it", async () => {
  const sql = `query: "insert into {{ .body.table }}(name) values ('x')"`;
  const refused = await check(pipeline(`{ database: db, ${sql} }`));
  expect(refused.errors).toEqual([
    expect.stringMatching(/^19:9: .*db_exec step "change": query must not contain template expressions \(use params/),
  ]);
  await using server = await serve(pipeline(`{ database: db, ${sql}, allow_templated_sql: true }`));
  expect(await (await server.post("/p", { table: "pet" })).json()).toEqual({ affected_rows: 1, last_id: "1" });
});

test("an in-memory database survives a reload that does not change it", async () => {
  const yaml = pipeline(`{ database: db, query: "insert into pet(name) values (null)" }`);
  await using server = await serve(yaml);
  await server.post("/p", {});
  await server.reload(`${yaml}# a comment\n`);
  expect(await (await server.post("/p", {})).json()).toEqual({ affected_rows: 1, last_id: "2" });
});
