import { expect, test } from "bun:test";
import { check, serve, withServer } from "../../harness/server.ts";

const routes = (list: string, config = "", modules = "") =>
  withServer(`
  - name: queries
    type: api.query${config === "" ? "" : `\n    config: ${config}`}${modules}
workflows:
  http:
    routes:
${list}`);

const show = (name: string, value: string) =>
  `[{ name: ${name}, type: step.set, config: { values: { seen: "${value}" } } }]`;

test("a route's pipeline answers with the whole context when no step does", async () => {
  await using server = await serve(
    routes(`      - { method: GET, path: /api/users, handler: queries, steps: ${show("s", "{{ .queryName }}")} }`),
  );
  const answer = await server.get("/api/users?page=2&page=3&q=");
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toBe("application/json");
  expect(await answer.text()).toBe(
    '{"method":"GET","path":"/api/users","query":{"page":["2","3"],"q":[""]},"queryName":"users","seen":"users"}\n',
  );
});

test.each([
  ["{{ .query.page }}", "[2 3]"],
  ["{{ index .query.page 0 }}", "2"],
  ['{{ .query.Get \\"page\\" }}', "2"],
  ['{{ .query.Has \\"page\\" }} {{ .query.Has \\"none\\" }}', "true false"],
  ['{{ .query.none }}|{{ .query.Get \\"none\\" }}', "[]|"],
  ['{{ .query.Get \\"__proto__\\" }}', ""],
])("in templates %s is %s", async (template, expected) => {
  await using server = await serve(
    routes(`      - { method: GET, path: /q, handler: queries, steps: ${show("s", template)} }`),
  );
  expect(await (await server.get("/q?page=2&page=3")).json()).toMatchObject({ seen: expected });
});

test("a response of a step is the answer, and path parameters are those of the route", async () => {
  await using server = await serve(
    routes(`      - method: GET
        path: /users/{id}
        handler: queries
        pipeline:
          steps:
            - { name: parse, type: step.request_parse, config: { path_params: [id] } }
            - { name: answer, type: step.json_response, config: { status: 201, body_from: steps.parse.path_params } }`),
  );
  const answer = await server.get("/users/a%20b");
  expect([answer.status, await answer.json()]).toEqual([201, { id: "a b" }]);
});

test("the last segment of the path is decoded for the pipeline", async () => {
  await using server = await serve(
    routes(`      - { method: GET, path: "/q/{name}", handler: queries, steps: ${show("s", "{{ .queryName }}")} }`),
  );
  expect(await (await server.get("/q/a%2Fb")).json()).toMatchObject({ seen: "a/b" });
});

test("a route without a pipeline uses that of another route of the method whose path ends the same", async () => {
  await using server = await serve(
    routes(`      - { method: GET, path: /a/list, handler: queries, steps: ${show("s", "list")} }
      - { method: GET, path: "/b/{rest...}", handler: queries }
      - { method: POST, path: "/b/{rest...}", handler: queries }`),
  );
  expect(await (await server.get("/b/x/list")).json()).toMatchObject({ seen: "list" });
  const other = await server.get("/b/x/none");
  expect([other.status, await other.text()]).toEqual([404, '{"error":"unknown query: none"}\n']);
  expect((await server.post("/b/x/list", {})).status).toBe(404);
});

test("what no pipeline is written for goes to the delegate", async () => {
  const canned = "\n  - { name: canned, type: http.handler, config: {} }";
  const list = `      - { method: GET, path: /own, handler: queries, steps: ${show("s", "own")} }
      - { method: GET, path: /other, handler: queries }`;
  await using server = await serve(routes(list, "{ delegate: canned }", canned));
  expect(await (await server.get("/own")).json()).toMatchObject({ seen: "own" });
  expect(await (await server.get("/other")).json()).toMatchObject({ handler: "canned" });
});

test("a delegate that is not defined is a warning, and an error when it is used", async () => {
  const yaml = routes("      - { method: GET, path: /other, handler: queries }", "{ delegate: nobody }");
  expect((await check(yaml)).warnings).toEqual(["11:25: modules[2].config.delegate: service 'nobody' is not defined"]);
  await using server = await serve(yaml);
  expect((await server.get("/other")).status).toBe(500);
});

test("a failed pipeline is a 500 that shows nothing of its reason", async () => {
  await using server = await serve(
    routes(`      - { method: GET, path: /q, handler: queries, steps: ${show("s", "{{ .a.b }}")} }`),
  );
  const answer = await server.get("/q");
  expect([answer.status, await answer.json()]).toEqual([500, { error: "internal error", id: expect.any(String) }]);
});
