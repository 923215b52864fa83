import { expect, test } from "bun:test";
import { serve, withServer } from "../../harness/server.ts";

const withCors = (settings: string) =>
  withServer(`
  - { name: hello, type: http.handler }
  - { name: cors, type: http.middleware.cors, config: ${settings} }
workflows:
  http: { routes: [{ method: GET, path: /x, handler: hello }] }
pipelines:
  fail:
    trigger: { type: http, config: { method: POST, path: /fail } }
    steps:
      - { name: broken, type: step.set, config: { values: { a: "{{ .missing.x }}" } } }
`);

const shown = ({ headers }: Response) =>
  Object.fromEntries([...headers].filter(([name]) => name.startsWith("access-control-") || name === "vary"));

const origin = "https://app.example";

test("without settings any origin may call with the usual methods and headers", async () => {
  await using server = await serve(withCors("{}"));
  expect(shown(await server.get("/x", { origin }))).toEqual({
    vary: "Origin",
    "access-control-allow-origin": origin,
    "access-control-allow-methods": "GET, POST, PUT, DELETE, OPTIONS",
    "access-control-allow-headers": "Content-Type, Authorization",
  });
});

test("a request without Origin gets no CORS headers", async () => {
  await using server = await serve(withCors("{ allowCredentials: true, maxAge: 5 }"));
  expect(shown(await server.get("/x"))).toEqual({});
  expect(shown(await server.fetch("/x", { method: "OPTIONS" }))).toEqual({});
});

test.each([
  ["https://app.example", true],
  ["https://app.example.evil", false],
  ["https://other.example", false],
  ["http://app.example", false],
  ["null", false],
])("of a list of origins, %s is allowed: %p", async (asking, isAllowed) => {
  await using server = await serve(withCors(`{ allowedOrigins: ["${origin}"] }`));
  const answer = await server.get("/x", { origin: asking });
  expect(answer.status).toBe(200);
  expect(answer.headers.get("access-control-allow-origin")).toBe(isAllowed ? asking : null);
  expect(answer.headers.get("vary")).toBe("Origin");
});

test.each([
  ["{ allowedMethods: [GET] }", "access-control-allow-methods", "GET"],
  ["{ allowedHeaders: [X-Api-Key, X-B] }", "access-control-allow-headers", "X-Api-Key, X-B"],
  ["{ maxAge: 600 }", "access-control-max-age", "600"],
  ["{ maxAge: 0 }", "access-control-max-age", "0"],
  ["{}", "access-control-max-age", null],
  [`{ allowCredentials: true, allowedOrigins: ["${origin}"] }`, "access-control-allow-credentials", "true"],
  [`{ allowedOrigins: ["${origin}"] }`, "access-control-allow-credentials", null],
  ["{ allowCredentials: true }", "access-control-allow-credentials", null],
  [`{ allowCredentials: true, allowedOrigins: ["*"] }`, "access-control-allow-credentials", null],
])("with %s a preflight request is told %s: %p", async (settings, name, value) => {
  await using server = await serve(withCors(settings));
  const answer = await server.fetch("/x", { method: "OPTIONS", headers: { origin } });
  expect(answer.status).toBe(200);
  expect(answer.headers.get(name)).toBe(value);
  expect(await answer.text()).toBe("");
});

test("every OPTIONS request ends here, on paths without a route and for refused origins too", async () => {
  await using server = await serve(withCors(`{ allowedOrigins: ["${origin}"] }`));
  for (const path of ["/x", "/nowhere"]) {
    const answer = await server.fetch(path, { method: "OPTIONS", headers: { origin: "https://other.example" } });
    expect(answer.status).toBe(200);
    expect(shown(answer)).toEqual({ vary: "Origin" });
  }
});

test("failures and unknown paths carry the headers, so that pages can read them", async () => {
  await using server = await serve(withCors("{}"));
  for (const answer of [
    await server.post("/fail", {}, { origin }),
    await server.get("/nowhere", { origin }),
    await server.post("/x", {}, { origin }),
  ]) {
    expect(answer.headers.get("access-control-allow-origin")).toBe(origin);
  }
});

test("listed at a route as well, the headers stand once", async () => {
  const yaml = withCors("{}").replace("handler: hello }", "handler: hello, middlewares: [cors] }");
  await using server = await serve(yaml);
  expect((await server.get("/x", { origin })).headers.get("vary")).toBe("Origin");
});

test("credentials without a listed origin are called out in the log", async () => {
  await using server = await serve(withCors("{ allowCredentials: true }"));
  const record = await server.logged("allowCredentials has no effect: it needs origins that are listed by name");
  expect(record.level).toBe("warn");
});

/** A server that listens on any port, and its router. */
const plane = (name: string, link: string) => `
  - { name: ${name}Server, type: http.server, config: { address: "127.0.0.1:0" } }
  - { name: ${name}, type: http.router, ${link} }`;

test.each([
  ["{}", "", [true, true, true]],
  ["{}", "one, three", [true, false, true]],
  ["{}", "one, one", [true, false, false]],
  ["{}", "twoServer", [false, true, false]],
  ["{}", "threeServer, twoServer", [false, true, true]],
  ["{}", "hello", [true, true, true]],
  ["{ router: two }", "one", [false, true, false]],
])("of three routers, with %s and dependsOn [%s], these have it: %j", async (settings, dependsOn, expected) => {
  await using server = await serve(`modules:${plane("one", "dependsOn: [oneServer]")}
  - { name: hello, type: http.handler }
  - { name: cors, type: http.middleware.cors, dependsOn: [${dependsOn}], config: ${settings} }
${plane("two", "dependsOn: [twoServer]")}${plane("three", "config: { server: threeServer }")}
`);
  const found = server.engine.addresses().map(async ({ port }) => {
    const answer = await fetch(`http://127.0.0.1:${port}/nowhere`, { headers: { origin } });
    return answer.headers.get("access-control-allow-origin") === origin && answer.headers.get("vary") === "Origin";
  });
  expect(await Promise.all(found)).toEqual(expected);
});

const twoRouters = (settings: string, dependsOn: string) => `modules:
  - { name: one, type: http.server, config: { address: "127.0.0.1:0" } }
  - { name: first, type: http.router, dependsOn: [one] }
  - { name: two, type: http.server, config: { address: "localhost:0" } }
  - { name: second, type: http.router, dependsOn: [two] }
  - { name: cors, type: http.middleware.cors, dependsOn: [${dependsOn}], config: ${settings} }
`;

test.each([
  ["{ router: first }", "", true],
  ["{ router: second }", "", false],
  ["{}", "first", true],
  ["{}", "second", false],
  ["{}", "one", true],
  ["{}", "two", false],
  ["{}", "", true],
])("with the settings %s and dependsOn [%s] the first router has it: %p", async (settings, dependsOn, isFirst) => {
  await using server = await serve(twoRouters(settings, dependsOn));
  const answer = await server.get("/nowhere", { origin });
  expect(answer.headers.has("access-control-allow-origin")).toBe(isFirst);
});
