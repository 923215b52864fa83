import { expect, test } from "bun:test";
import { check, serve, withServer } from "../../harness/server.ts";

const setup = `
  - name: db
    type: database.workflow
    config: { driver: sqlite, dsn: "app.db" }
`;

/** A pipeline whose first step makes a table with two rows and whose second is under test. */
const pipeline = (config: string, modules = setup) =>
  withServer(`${modules}
pipelines:
  p:
    trigger: { type: http, config: { method: POST, path: /p } }
    steps:
      - name: make
        type: step.db_exec
        config:
          database: db
          query: >-
            create table if not exists pet(id integer primary key, name text, born datetime, weight real, photo blob);
            insert or ignore into pet values
              (1, 'Rex', '2020-01-02 03:04:05', 4.5, x'4142'), (9007199254740993, 'Mia', null, null, null)
      - name: read
        type: step.db_query
        config: ${config}
      - { name: answer, type: step.json_response, config: { body_from: steps.read } }
`);

test("rows become maps: NULL is null, bytes are text, declared times are times, big integers stay exact", async () => {
  await using server = await serve(pipeline(`{ database: db, query: "select * from pet order by id" }`));
  const answer = await server.post("/p", {});
  expect(await answer.text()).toBe(
    '{"count":2,"rows":[{"born":"2020-01-02T03:04:05Z","id":1,"name":"Rex","photo":"AB","weight":4.5},' +
      '{"born":null,"id":9007199254740993,"name":"Mia","photo":null,"weight":null}]}\n',
  );
});

test.each([
  ["the first row", "1", { row: { name: "Rex" }, found: true }],
  ["an empty row when there is none", "7", { row: {}, found: false }],
])("mode single gives %s", async (_name, id, expected) => {
  const query = `query: "select name from pet where id = $1", params: ["{{ .body.id }}"]`;
  const config = `{ database: db, mode: single, ${query} }`;
  await using server = await serve(pipeline(config));
  expect(await (await server.post("/p", { id })).json()).toEqual(expected);
});

test.each([
  ["$n by number, not by appearance", "select $2 as second, $1 as first", { second: "b", first: "a" }],
  ["? in order", "select ? as first, ? as second", { first: "a", second: "b" }],
  [
    "no placeholder in text, names and comments",
    `select '$9' as "$8", $1 as x, $2 as y -- $7`,
    { $8: "$9", x: "a", y: "b" },
  ],
])("placeholders: %s", async (_name, sql, row) => {
  const yaml = pipeline(`{ database: db, mode: single, params: [a, b], query: ${JSON.stringify(sql)} }`);
  await using server = await serve(yaml);
  expect(await (await server.post("/p", {})).json()).toEqual({ found: true, row });
});

test("parameters keep their type, templates are bound as text, lists and maps as JSON", async () => {
  const query = "select typeof($1) a, typeof($2) b, typeof($3) c, typeof($4) d, $5 e, $6 f, $7 g";
  const params = `[1, 1.5, null, "{{ .body.n }}", true, [1, "{{ .body.n }}"], { k: 2 }]`;
  await using server = await serve(pipeline(`{ database: db, mode: single, query: "${query}", params: ${params} }`));
  expect(await (await server.post("/p", { n: 7 })).json()).toEqual({
    found: true,
    row: { a: "integer", b: "real", c: "null", d: "text", e: 1, f: '[1,"7"]', g: '{"k":2}' },
  });
});

test("a parameter is data whatever it holds", async () => {
  const config = `{ database: db, query: "select id from pet where name = $1", params: ["{{ .body.name }}"] }`;
  await using server = await serve(pipeline(config));
  expect(await (await server.post("/p", { name: "' or 1=1 --" })).json()).toEqual({ count: 0, rows: [] });
});

test("SQL with a template is refused, unless the step allows it", async () => {
  const sql = `query: "select name from {{ .body.table }}"`;
  const refused = await check(pipeline(`{ database: db, ${sql} }`));
  expect(refused.errors).toEqual([
    expect.stringMatching(/^25:9: .*db_query step "read": query must not contain template expressions \(use params/),
  ]);
  await using server = await serve(pipeline(`{ database: db, allow_templated_sql: true, ${sql} }`));
  expect(await (await server.post("/p", { table: "pet" })).json()).toMatchObject({ count: 2 });
});

test("a failing statement fails the step; the client learns nothing of it, the log everything", async () => {
  await using server = await serve(pipeline(`{ database: db, query: "select x from nowhere" }`));
  const answer = await server.post("/p", {});
  expect(answer.status).toBe(500);
  expect(await answer.text()).not.toContain("nowhere");
  const record = await server.logged("Step failed");
  expect(record.attributes["error"]).toBe('db_query step "read": query failed: no such table: nowhere');
});

test("a parameter that cannot be computed is named by its position", async () => {
  const config = `{ database: db, query: "select $1, $2", params: [a, "{{ .missing.x }}"] }`;
  await using server = await serve(pipeline(config));
  expect((await server.post("/p", {})).status).toBe(500);
  const record = await server.logged("Step failed");
  expect(record.attributes["error"]).toStartWith('db_query step "read": failed to resolve param 1: ');
});

test("a database that is not defined is a warning, and an error when it is used", async () => {
  const yaml = pipeline(`{ database: nope, query: "select 1" }`);
  expect((await check(yaml)).warnings).toEqual([
    `27:29: pipelines.p.steps[1].config.database: service 'nope' is not defined`,
  ]);
  await using server = await serve(yaml);
  expect((await server.post("/p", {})).status).toBe(500);
  const record = await server.logged("Step failed");
  expect(record.attributes["error"]).toBe('db_query step "read": database service "nope" not found');
});

test.each([
  [
    "mode",
    `{ database: db, query: "select 1", mode: rows }`,
    `27:58: pipeline "p": step "read" (type step.db_query): ` +
      `db_query step "read": 'mode' must be one of list, single, got "rows"`,
  ],
  [
    "query",
    `{ database: db }`,
    `27:17: pipeline "p": step "read" (type step.db_query): db_query step "read": 'query' is required`,
  ],
  [
    "database",
    `{ query: "select 1" }`,
    `27:17: pipeline "p": step "read" (type step.db_query): db_query step "read": 'database' is required`,
  ],
])("a wrong or missing %s is refused", async (_key, config, message) => {
  expect((await check(pipeline(config))).errors).toEqual([message]);
});

test("references to columns of rows are not judged, references to other outputs are", async () => {
  const yaml = pipeline(`{ database: db, mode: single, query: "select 1 as n" }`).replace(
    "body_from: steps.read",
    `body: { a: "{{ .steps.read.row.n }}", b: "{{ .steps.read.rows }}" }`,
  );
  expect((await check(yaml)).warnings).toEqual([
    `28:106: pipelines.p.steps[2].config.body: step "read" never gives "rows"`,
  ]);
});
