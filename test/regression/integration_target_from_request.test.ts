import { expect, test } from "bun:test";
import { serve, withServer } from "../harness/server.ts";

test("a query parameter names neither a connector nor a statement of an integration", async () => {
  await using server = await serve(
    withServer(`  - { name: db, type: database.workflow, config: { driver: sqlite, dsn: ":memory:" } }
workflows:
  integration:
    registry: router
    connectors:
      - { name: db, type: database, config: { database: db } }
    steps:
      - { name: one, connector: db, action: query, input: { sql: "select 1 as n" } }
triggers:
  http:
    routes:
      - { path: /run, method: POST, workflow: integration }
pipelines:
  fill:
    trigger: { type: http, config: { method: POST, path: /fill } }
    steps:
      - { name: make, type: step.db_exec, config: { database: db, query: "create table t (n int)" } }
      - { name: add, type: step.db_exec, config: { database: db, query: "insert into t values (1)" } }
  count:
    trigger: { type: http, config: { method: GET, path: /count } }
    steps:
      - { name: read, type: step.db_query, config: { database: db, query: "select n from t" } }
      - { name: answer, type: step.json_response, config: { body: { n: { _from: steps.read.count } } } }
`),
  );
  expect((await server.post("/fill")).status).toBe(202);
  const answer = await server.post("/run?connector=db&action=execute&sql=delete%20from%20t");
  expect(answer.status).toBe(202);
  expect(await (await server.get("/count")).json()).toEqual({ n: 1 });
});
