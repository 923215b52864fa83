import { expect, test } from "bun:test";
import { check, serve, withServer } from "../../harness/server.ts";
import { failure, run } from "./peer.ts";

const config = (settings = "{ database: db }") =>
  withServer(`
  - { name: db, type: database.workflow, config: { driver: sqlite, dsn: ":memory:" } }
workflows:
  integration:
    registry: router
    connectors: [{ name: data, type: database, config: ${settings} }]
`);

async function filled() {
  const server = await serve(config());
  const act = (action: string, input: Record<string, unknown>) =>
    run(server, "", { steps: [{ name: "s", connector: "data", action, input }] }).then((results) => results?.["s"]);
  await act("execute", { sql: "create table t (id integer, name text, extra text)" });
  await act("insert", { table: "t", data: { id: 1, name: "a", extra: { deep: [1] } } });
  await act("insert", { table: "t", data: { id: 2, name: "b" } });
  return { act, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

const all = { sql: "select id, name from t order by id" };

test("rows are read with their columns and their number", async () => {
  await using database = await filled();
  expect(await database.act("query", { sql: "select * from t where id = ?", args: [1] })).toEqual({
    columns: ["id", "name", "extra"],
    rows: [{ id: 1, name: "a", extra: '{"deep":[1]}' }],
    count: 1,
  });
  expect(await database.act("query", { sql: "select * from t where id = 9" })).toEqual({
    columns: [],
    rows: [],
    count: 0,
  });
});

test.each([
  ["execute", { sql: "update t set name = ? where id = ?", args: ["z", 2] }, 1, ["a", "z"]],
  ["update", { table: "t", data: { name: "z" }, where: "id = ?", args: [2] }, 1, ["a", "z"]],
  ["update", { table: "t", data: { name: "z", extra: "e" }, where: "id = $1", args: [2] }, 1, ["a", "z"]],
  ["update", { table: "t", data: { name: "z" }, where: "1 = 1" }, 2, ["z", "z"]],
  ["delete", { table: "t", where: "id = ?", args: [1] }, 1, ["b"]],
  ["insert", { table: "t", data: { id: 3, name: "c" } }, 1, ["a", "b", "c"]],
])("%s with %p changes %i rows", async (action, input, rowsAffected, names) => {
  await using database = await filled();
  expect(await database.act(action, input)).toEqual({ rowsAffected });
  const { rows } = Object(await database.act("query", all));
  expect(rows.map((row: { name: string }) => row.name)).toEqual(names);
});

test.each([
  ["query", {}, "'sql' is required"],
  ["query", { sql: "select 1", args: "x" }, "'args' must be a list"],
  ["insert", { data: { a: 1 } }, "'table' is required"],
  ["insert", { table: "t", data: {} }, "'data' is required and must not be empty"],
  ["insert", { table: "t; drop table t", data: { a: 1 } }, '"t; drop table t" cannot be the name of a table or column'],
  ["insert", { table: "t", data: { 'a") --': 1 } }, '"a") --" cannot be the name of a table or column'],
  ["update", { table: "t", data: { name: "x" } }, "'where' is required, so that no table is changed as a whole"],
  ["delete", { table: "t", where: " " }, "'where' is required, so that no table is changed as a whole"],
])("%s with %p is refused", async (action, input, message) => {
  await using database = await filled();
  expect(await failure(database.act(action, input))).toBe(
    `workflow execution failed: error executing step 's': ${message}`,
  );
});

test("an action it does not have is refused with those it has", async () => {
  await using database = await filled();
  expect(await failure(database.act("merge", {}))).toBe(
    "workflow execution failed: unsupported action: merge (supported: query, execute, insert, update, delete)",
  );
});

test("a database that is not there is a warning and an error", async () => {
  const { errors } = await check(config("{ database: gone }"));
  expect(errors).toEqual([
    "13:18: failed to configure integration workflow: driver and dsn must be specified for database connector 'data'",
  ]);
});
