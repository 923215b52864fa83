import { afterAll, expect, test } from "bun:test";
import { ManualClock } from "../../harness/manual_clock.ts";
import { Executor } from "../../../src/port/service.ts";
import { check, serve, type ServeOptions, type TestServer } from "../../harness/server.ts";

const spec = (servers: string) => `openapi: 3.0.3
info: { title: T, version: "1" }
${servers}
paths:
  /pets/{id}:
    parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
    get:
      operationId: getPet
      parameters:
        - { name: tags, in: query, schema: { type: array } }
        - { name: X-Trace, in: header, schema: { type: string } }
        - { name: session, in: cookie, schema: { type: string } }
    put: { operationId: putPet, requestBody: { content: { application/json: {} } } }
  /text: { get: { operationId: text } }
  /gone: { get: { operationId: gone } }
  /huge: { get: { operationId: huge } }
  /broken: { get: { operationId: broken } }
  /moved: { get: { operationId: moved } }
  /never: { get: { operationId: never } }
`;

let isLate = true;
const api = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  idleTimeout: 0,
  async fetch(request) {
    const { pathname, search } = new URL(request.url);
    switch (pathname) {
      case "/spec.yaml":
        return new Response(spec("servers: [{ url: '/{stage}', variables: { stage: { default: v1 } } }]"));
      case "/late.yaml":
        return isLate ? new Response("", { status: 503 }) : new Response(spec("servers: [{ url: /v1 }]"));
      case "/v1/text":
        return new Response("plain");
      case "/v1/gone":
        return Response.json({ error: "gone" }, { status: 410 });
      case "/v1/huge":
        return new Response("x".repeat(10 * 1024 * 1024 + 1));
      case "/v1/broken":
        return new Response("{", { headers: { "content-type": "application/json" } });
      case "/v1/moved":
        return new Response(null, { status: 302, headers: { location: "http://127.0.0.1:1/" } });
      case "/v1/never":
        return await new Promise<Response>(() => {});
    }
    const headers = Object.fromEntries(["x-trace", "cookie"].map((name) => [name, request.headers.get(name)]));
    const body = await request.text();
    return Response.json({ method: request.method, path: pathname + search, headers, body });
  },
});
afterAll(() => api.stop(true));

const origin = `http://127.0.0.1:${api.port}`;
const yaml = (config: string) => `modules: [{ name: pets, type: openapi.consumer, config: ${config} }]`;
const start = (config = `{ specUrl: "${origin}/spec.yaml" }`, options: ServeOptions = {}) =>
  serve(yaml(config), options);

function call(server: TestServer, parameters: Record<string, unknown>): Promise<unknown> {
  const [executor] = server.engine.current?.servicesOf(Executor) ?? [];
  if (executor === undefined) throw new Error("no executor");
  return executor.execute(parameters, new AbortController().signal).catch((error: unknown) => error);
}

test("data goes where the document has parameters, and what is left is the body", async () => {
  await using server = await start();
  const data = { id: "a/b", tags: ["x", "y z"], "X-Trace": 7, session: "s=1", other: 1 };
  expect(await call(server, { operationId: "getPet", data })).toEqual({
    statusCode: 200,
    status: "200 OK",
    body: {
      method: "GET",
      path: "/v1/pets/a%2Fb?tags=x&tags=y+z",
      headers: { "x-trace": "7", cookie: "session=s%3D1" },
      body: "",
    },
  });
  expect(await call(server, { operationId: "putPet", id: "a", name: "n" })).toMatchObject({
    body: { method: "PUT", path: "/v1/pets/a", body: '{"name":"n"}' },
  });
});

test("keys of the data may have other names in the service", async () => {
  await using server = await start(`{ specUrl: "${origin}/spec.yaml", fieldMapping: { petId: id, label: name } }`);
  expect(await call(server, { operationId: "putPet", petId: "a", label: "n" })).toMatchObject({
    body: { path: "/v1/pets/a", body: '{"name":"n"}' },
  });
});

test.each([
  ["text", { statusCode: 200, status: "200 OK", body: "plain" }],
  ["gone", { statusCode: 410, status: "410 Gone", body: { error: "gone" } }],
  ["broken", { statusCode: 200, status: "200 OK", body: "{" }],
  ["moved", { statusCode: 302, status: "302 Found", body: null }],
])("the answer of %s is given as it is", async (operationId, expected) => {
  await using server = await start();
  expect(await call(server, { operationId })).toEqual(expected);
});

test.each([
  [{}, "step.invalid_input", `openapi.consumer "pets": 'operationId' is required`],
  [{ operationId: "none" }, "step.invalid_input", `operation "none" is not in the OpenAPI spec`],
  [{ operationId: "getPet" }, "step.invalid_input", `operation "getPet": required parameter "id" is missing`],
  [{ operationId: "huge" }, "step.upstream", "the answer is larger than 10485760 bytes"],
])("a call with %p fails", async (parameters, code, message) => {
  await using server = await start();
  expect(await call(server, parameters)).toMatchObject({ code, message });
});

test("a document in a file needs a server with an absolute URL", async () => {
  const config = "{ specFile: api.yaml }";
  await using server = await start(config, { files: { "api.yaml": spec(`servers: [{ url: "${origin}/v1" }]`) } });
  expect(await call(server, { operationId: "text" })).toMatchObject({ body: "plain" });
  await using relative = await start(config, { files: { "api.yaml": spec("servers: [{ url: /v1 }]") } });
  expect(await call(relative, { operationId: "text" })).toMatchObject({
    message: 'the OpenAPI spec names no server with an http or https URL, only "/v1"',
  });
});

test("a service that is not there yet is a warning, and its document is loaded when it is needed", async () => {
  await using server = await start(`{ specUrl: "${origin}/late.yaml" }`);
  expect((await server.logged("OpenAPI spec cannot be loaded yet")).attributes).toMatchObject({
    error: `loading the OpenAPI spec from ${origin}/late.yaml: status 503`,
  });
  const health = () => server.engine.current?.runtime.health.check(1000);
  expect(await health()).toEqual({ pets: { status: "degraded", message: "the OpenAPI spec is not loaded" } });
  expect(await call(server, { operationId: "text" })).toMatchObject({ code: "step.upstream" });
  isLate = false;
  expect(await call(server, { operationId: "text" })).toMatchObject({ body: "plain" });
  expect(await health()).toEqual({ pets: { status: "healthy" } });
});

test("a service that does not answer in time is given up", async () => {
  const clock = new ManualClock();
  await using server = await start(`{ specUrl: "${origin}/spec.yaml", timeout: 3s }`, { clock });
  const waiting = call(server, { operationId: "never" });
  while (clock.pendingTimers === 0) await clock.advance(0);
  await clock.advance(3000);
  expect(await waiting).toMatchObject({ message: "no answer within 3000 ms" });
});

test.each([
  ["{}", `'specUrl' or 'specFile' is required`],
  ["{ specUrl: 'ftp://x' }", `specUrl "ftp://x" is not an http or https URL`],
])("the settings %s are refused", async (config, reason) => {
  expect((await check(yaml(config))).errors).toEqual([
    `1:57: failed to initialize modules: module "pets": openapi.consumer "pets": ${reason}`,
  ]);
});

test("a file that is no document is refused with its place", async () => {
  const { errors } = await check(yaml("{ specFile: api.yaml }"), { files: { "api.yaml": "[]" } });
  expect(errors).toEqual([
    `1:69: failed to initialize modules: module "pets": openapi.consumer "pets": api.yaml: parsing spec: ` +
      "the document is not a map",
  ]);
});
