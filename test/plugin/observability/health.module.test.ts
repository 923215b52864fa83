import { expect, test } from "bun:test";
import { serve, withServer } from "../../harness/server.ts";

const config = (settings: string, type = "health.checker", rest = "") =>
  withServer(`  - { name: health, type: ${type}, config: ${settings} }\n${rest}`);

test.each([
  ["health.checker", "{}", ["/healthz", "/readyz", "/livez"]],
  ["observability.health", "{}", ["/healthz", "/readyz", "/livez"]],
  ["health.checker", "{ healthPath: /h, readyPath: /r, livePath: /l }", ["/h", "/r", "/l"]],
] as const)("%s with %s answers on its paths", async (type, settings, paths) => {
  await using server = await serve(config(settings, type));
  const answers = await Promise.all(paths.map(async (path) => (await server.get(path)).json()));
  expect(answers).toEqual([{ checks: {}, status: "healthy" }, { status: "ready" }, { status: "alive" }]);
});

test("the standard paths stay when others are configured", async () => {
  await using server = await serve(config("{ healthPath: /h }"));
  expect((await server.get("/healthz")).status).toBe(200);
});

test("a route of the user's with the same path wins", async () => {
  const rest = `pipelines:
  p:
    trigger: { type: http, config: { method: GET, path: /healthz } }
    steps: [{ name: a, type: step.json_response, config: { body: { mine: true } } }]
`;
  await using server = await serve(config("{}", "health.checker", rest));
  expect(await (await server.get("/healthz")).json()).toEqual({ mine: true });
});

const slow =
  "with recursive c(x) as (select 1 union all select x + 1 from c where x < 600000) select count(*) n from c";
const checked = `  - { name: db, type: storage.sqlite }
pipelines:
  p:
    trigger: { type: http, config: { method: GET, path: /slow } }
    steps:
      - { name: tell, type: step.log, config: { message: "busy from now on" } }
      - { name: read, type: step.db_query, config: { database: db, query: "${slow}" } }
`;

test.each([
  ["{}", { db: { message: "database connected", status: "healthy" } }],
  ["{ autoDiscover: false }", {}],
])("with %s the checks are %j", async (settings, checks) => {
  await using server = await serve(config(settings, "health.checker", checked));
  expect(await (await server.get("/healthz")).json()).toEqual({ checks, status: "healthy" });
});

test.each([
  ["{ checkTimeout: 1ms }", 503, { message: "no answer within 1 ms", status: "unhealthy" }],
  ["{}", 200, { message: "database connected", status: "healthy" }],
])("with %s a check of a busy database answers %i", async (settings, status, db) => {
  await using server = await serve(config(settings, "health.checker", checked));
  const busy = server.get("/slow");
  await server.logged("busy from now on");
  const answer = await server.get("/healthz");
  expect(answer.status).toBe(status);
  expect(await answer.json()).toMatchObject({ checks: { db } });
  expect((await server.get("/readyz")).status).toBe(status === 200 ? 200 : 503);
  await busy;
});
