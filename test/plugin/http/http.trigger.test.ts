import { expect, test } from "bun:test";
import { check, serve, withServer } from "../../harness/server.ts";

const echo = `
      - { name: answer, type: step.json_response, config: { body: { _from: current } } }`;

const pipeline = (trigger: string, steps = echo) =>
  withServer(`
pipelines:
  p:
    trigger: { type: http, config: ${trigger} }
    steps:${steps}
`);

/** Answers with the values of some names as templates see them. */
const showing = (names: readonly string[]) => `
      - name: answer
        type: step.json_response
        config:
          body: { ${names.map((name) => `${name}: "{{ .${name} }}"`).join(", ")} }`;

test("a run has the method, the path, and the parameters of path and query", async () => {
  const names = ["method", "path", "id", "q"];
  await using server = await serve(pipeline('{ method: GET, path: "/items/{id}" }', showing(names)));
  const answer = await server.get("/items/a%20b?q=x%26y&q=second");
  expect(await answer.json()).toEqual({ method: "GET", path: "/items/a%20b", id: "a b", q: "x&y" });
});

test("a query parameter replaces one of the path, the body is apart, and fixed params win", async () => {
  const yaml = withServer(`
triggers:
  http:
    routes:
      - { path: "/items/{id}", method: POST, workflow: "pipeline:p", action: execute, params: { fixed: mine } }
pipelines:
  p:
    steps:${showing(["id", "fixed", "body.id"]).replace('body.id: "', 'inner: "')}
`);
  await using server = await serve(yaml);
  const answer = await server.post("/items/1?id=2&fixed=yours", { id: 3, fixed: "theirs" });
  expect(await answer.json()).toEqual({ id: "2", fixed: "mine", inner: "3" });
});

test.each([
  ["application/json", '{"a":1}', "1"],
  ["application/problem+json", '{"a":1}', "1"],
  ["text/plain", '{"a":1}', "1"],
  ["application/json", '[{"a":1}]', "nothing"],
  ["application/json", '{"a":', "nothing"],
  ["application/x-www-form-urlencoded", "a=1", "nothing"],
])("of a body of type %s with %s, `.body.a` is %s", async (type, body, shown) => {
  const value = "{{ if .body }}{{ .body.a }}{{ else }}nothing{{ end }}";
  const steps = `
      - { name: answer, type: step.json_response, config: { body: { a: "${value}" } } }`;
  await using server = await serve(pipeline("{ method: POST, path: /p }", steps));
  expect(await (await server.post("/p", body, { "content-type": type })).json()).toEqual({ a: shown });
});

test("without a response step the answer is 202, when the run is over", async () => {
  const yaml = pipeline(
    "{ method: POST, path: /p }",
    "\n      - { name: s, type: step.set, config: { values: { a: b } } }",
  );
  await using server = await serve(yaml, { logLevel: "debug" });
  const answer = await server.post("/p", {});
  expect(answer.status).toBe(202);
  expect(answer.headers.get("content-type")).toBe("application/json");
  expect(await answer.text()).toBe('{"status": "workflow triggered"}');
  expect(server.records.some(({ message }) => message === "Pipeline completed")).toBe(true);
});

test("a step that refuses its input answers 4xx and says why", async () => {
  const steps = "\n      - { name: check, type: step.validate, config: { required_fields: [name] } }";
  await using server = await serve(pipeline("{ method: POST, path: /p }", steps));
  const answer = await server.post("/p", {});
  expect(answer.status).toBe(400);
  expect(answer.headers.get("content-type")).toBe("application/json");
  expect(((await answer.json()) as { error: string }).error).toContain("name");
});

const failing = '\n      - { name: broken, type: step.set, config: { values: { a: "{{ .missing.secret }}" } } }';

test("a failure inside answers 500 with an id that the log has, and nothing of the reason", async () => {
  await using server = await serve(pipeline("{ method: POST, path: /p }", failing));
  const answer = await server.post("/p", {});
  expect(answer.status).toBe(500);
  const body = (await answer.json()) as { error: string; id: string };
  expect(body).toEqual({ error: "internal error", id: expect.any(String) });
  const record = await server.logged("Request failed");
  expect(record.attributes).toMatchObject({ id: body.id, method: "POST", path: "/p", code: "step.template" });
  expect(String(record.attributes.error)).toStartWith(
    'workflow execution failed: pipeline "p" execution failed: step "broken" failed: ',
  );
});

test("in development the reason is shown", async () => {
  const yaml = pipeline("{ method: POST, path: /p }", failing);
  await using server = await serve(yaml, { isDevelopment: true });
  const body = (await (await server.post("/p", {})).json()) as { error: string };
  expect(body.error).toContain('step "broken" failed');
});

test("a response that a step wrote before the failure stays as it is", async () => {
  const steps = `
      - name: early
        type: step.foreach
        config:
          collection: body.items
          steps: [{ name: answer, type: step.json_response, status: 201, body: { ok: true } }]${failing}`;
  await using server = await serve(pipeline("{ method: POST, path: /p }", steps));
  const answer = await server.post("/p", { items: [1] });
  expect(answer.status).toBe(201);
  expect(await answer.text()).toBe('{"ok":true}\n');
  expect((await server.logged(/^Failed to execute workflow 'pipeline:p'/)).level).toBe("error");
  const unanswered = await server.post("/p", { items: [] });
  expect(unanswered.status).toBe(500);
});

test("without a method it is POST, and a method may be written small", async () => {
  await using server = await serve(pipeline("{ path: /p }"));
  expect((await server.get("/p")).headers.get("allow")).toBe("POST");
  await using small = await serve(pipeline("{ method: get, path: /p }", showing(["method"])));
  expect(await (await small.get("/p")).json()).toEqual({ method: "GET" });
});

test("middlewares go around a trigger, the first outermost", async () => {
  const yaml = withServer(`
  - { name: id, type: http.middleware.requestid }
pipelines:
  p:
    trigger: { type: http, config: { method: GET, path: /p, middlewares: [id] } }
    steps:${showing(["method"])}
`);
  await using server = await serve(yaml);
  expect((await server.get("/p", { "x-request-id": "r-1" })).headers.get("x-request-id")).toBe("r-1");
});

test("the router is the one named, else one of the usual names, else the first", async () => {
  const yaml = (second: string, settings: string) => `modules:
  - { name: one, type: http.server, config: { address: "127.0.0.1:0" } }
  - { name: first, type: http.router, dependsOn: [one] }
  - { name: two, type: http.server, config: { address: "localhost:0" } }
  - { name: ${second}, type: http.router, dependsOn: [two] }
pipelines:
  p:
    trigger: { type: http, config: { method: GET, path: /p${settings} } }
    steps:${showing(["method"])}
`;
  const status = async (text: string) => {
    await using server = await serve(text);
    return (await server.get("/p")).status;
  };
  expect(await status(yaml("second", ""))).toBe(200);
  expect(await status(yaml("second", ", router: second"))).toBe(404);
  expect(await status(yaml("api-router", ""))).toBe(404);
});

test("a route of a workflow section comes before a trigger with the same method and path", async () => {
  const yaml = `${withServer(`
  - { name: hello, type: http.handler }
workflows:
  http: { routes: [{ method: GET, path: /p, handler: hello }] }
pipelines:
  p:
    trigger: { type: http, config: { method: GET, path: /p } }
    steps:${showing(["method"])}
`)}`;
  await using server = await serve(yaml);
  expect(await (await server.get("/p")).json()).toMatchObject({ handler: "hello" });
  expect((await server.logged("Route already exists, skipping: GET /p")).level).toBe("warn");
});

test("names that mean something to JavaScript are only names", async () => {
  const steps = `
      - { name: answer, type: step.json_response, config: { body: { a: "{{ .toString }}", b: "{{ .isAdmin }}" } } }`;
  await using server = await serve(pipeline("{ method: GET, path: /p }", steps));
  const answer = await server.get("/p?toString=t&__proto__=x&constructor=c&__proto__[isAdmin]=yes");
  expect(await answer.json()).toEqual({ a: "t", b: "<no value>" });
});

test("path is required", async () => {
  const { warnings } = await check(pipeline("{ method: GET }"));
  expect(warnings).toEqual([
    '11:36: Pipeline "p": could not configure http trigger (pipeline still usable via API): ' +
      'pipelines.p.trigger.config.path: required config field "path" is missing',
  ]);
});
