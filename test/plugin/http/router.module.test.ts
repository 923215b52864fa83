import { afterAll, beforeAll, expect, test } from "bun:test";
import { rawRequest } from "../../bad_input/raw_request.ts";
import { check, serve, type TestServer, withServer } from "../../harness/server.ts";

/** Routes whose handler is named after the route, so that the answer tells which one it was. */
const withRoutes = (routes: readonly string[]) => {
  const named = routes.map((route, index) => ({ name: `h${index}`, route, parts: route.split(" ") }));
  return withServer(`
${named.map(({ name }) => `  - { name: ${name}, type: http.handler }`).join("\n")}
workflows:
  http:
    routes:
${named.map(({ name, parts }) => `      - { method: ${parts[0]}, path: "${parts[1]}", handler: ${name} }`).join("\n")}
`);
};

const routes = [
  "GET /",
  "GET /orders/{id}",
  "GET /orders/latest",
  "POST /orders",
  "DELETE /orders/{id}",
  "GET /tree/",
  "GET /tree/deep/{leaf}",
  "GET /files/{path...}",
  "GET /files/special",
  "GET /end/{$}",
  "GET /colon/:name/tail",
  "GET /caf\u00e9",
];

let server: TestServer;
beforeAll(async () => {
  server = await serve(withRoutes(routes));
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

test.each([
  ["/orders/7", "GET /orders/{id}"],
  ["/orders/latest", "GET /orders/latest"],
  ["/orders/l%61test", "GET /orders/latest"],
  ["/orders/a%2Fb", "GET /orders/{id}"],
  ["/tree/", "GET /tree/"],
  ["/tree/any/where", "GET /tree/"],
  ["/tree/deep/x", "GET /tree/deep/{leaf}"],
  ["/files/a/b", "GET /files/{path...}"],
  ["/files/", "GET /files/{path...}"],
  ["/files/special", "GET /files/special"],
  ["/end/", "GET /end/{$}"],
  ["/colon/x/tail", "GET /colon/:name/tail"],
  ["/caf%C3%A9", "GET /caf\u00e9"],
  ["/unknown", "GET /"],
])("GET %s is answered by %s", async (path, route) => {
  const answer = await server.get(path);
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({ handler: `h${routes.indexOf(route)}` });
});

test.each([
  ["a", "/any/orders/7", "GET /"],
  ["a.b", "/tree/orders/latest", "GET /tree/"],
  ["localhost:8080", "/orders/latest?next=%2F", "GET /orders/latest"],
])("with the host %s, GET %s is answered by %s", async (host, path, route) => {
  const answer = await rawRequest(server, `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  expect(JSON.parse(answer.body)).toMatchObject({ handler: `h${routes.indexOf(route)}` });
});

test("GET routes serve HEAD", async () => {
  const answer = await server.fetch("/orders/latest", { method: "HEAD" });
  expect(answer.status).toBe(200);
  expect(await answer.text()).toBe("");
});

test.each([
  ["PUT", "/orders", "GET, HEAD, POST"],
  ["PATCH", "/orders/7", "DELETE, GET, HEAD"],
  ["PROPFIND", "/tree/", "GET, HEAD"],
])("%s %s is refused with Allow: %s", async (method, path, allow) => {
  const answer = await server.fetch(path, { method });
  expect(answer.status).toBe(405);
  expect(answer.headers.get("allow")).toBe(allow);
  expect(answer.headers.get("content-type")).toBe("text/plain; charset=utf-8");
  expect(await answer.text()).toBe("Method Not Allowed\n");
});

test.each([
  ["GET", "/tree", 301, "/tree/"],
  ["GET", "//orders//7?x=1", 301, "/orders/7?x=1"],
  ["GET", "/files", 301, "/files/"],
  ["POST", "//orders", 307, "/orders"],
])("%s %s is redirected by %i to %s", async (method, path, status, location) => {
  const answer = await rawRequest(server, `${method} ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  expect(answer.status).toBe(status);
  expect(answer.headers.get("location")).toBe(location);
});

test("without a matching route the answer is 404", async () => {
  await using bare = await serve(withRoutes(["GET /only"]));
  const answer = await bare.get("/other");
  expect(answer.status).toBe(404);
  expect(answer.headers.get("content-type")).toBe("text/plain; charset=utf-8");
  expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
  expect(await answer.text()).toBe("404 page not found\n");
});

test("of a route that stands twice the first counts, whatever its parameters are called", async () => {
  await using twice = await serve(withRoutes(["GET /a/{id}", "GET /a/{name}", "get /a/:key"]));
  expect(await (await twice.get("/a/1")).json()).toMatchObject({ handler: "h0" });
  const skipped = twice.records.filter(({ message }) => message.startsWith("Route already exists"));
  expect(skipped.map(({ message }) => message)).toEqual([
    "Route already exists, skipping: GET /a/{name}",
    "Route already exists, skipping: GET /a/:key",
  ]);
});

test("routes that overlap without an order are refused, and both are named with their places", async () => {
  const { errors } = await check(withRoutes(["GET /a/{x}", "GET /{y}/b"]));
  expect(errors).toHaveLength(1);
  expect(errors[0]).toStartWith("15:9: ");
  expect(errors[0]).toContain("GET /a/{x}");
  expect(errors[0]).toContain("GET /{y}/b");
});

test.each([
  ["GET no-slash", 'invalid route "GET no-slash": the path must start with "/"'],
  ["GET /{a}{b}", 'invalid route "GET /{a}{b}": "{a}{b}" is not a parameter: use letters, digits and "_" for its name'],
  ["GET /{x}/{x}", 'invalid route "GET /{x}/{x}": the parameter "x" stands twice'],
])("the route %s is refused with its place", async (route, message) => {
  const { errors } = await check(withRoutes([route]));
  expect(errors).toEqual([`13:9: workflows.http.routes[0]: ${message}`]);
});

test("server attaches the router to the server it names", async () => {
  const yaml = (settings: string) => `modules:
  - { name: one, type: http.server, config: { address: "127.0.0.1:0" } }
  - { name: two, type: http.server, config: { address: "localhost:0" } }
  - { name: router, type: http.router, config: ${settings} }
  - { name: hello, type: http.handler }
triggers: { http: { routes: [{ path: /x, method: GET, workflow: p }] } }
pipelines: { p: { steps: [{ name: s, type: step.set, config: { values: { a: b } } }] } }
`;
  await using first = await serve(yaml("{}"));
  expect((await first.get("/x")).status).toBe(202);
  await using second = await serve(yaml("{ server: two }"));
  expect((await second.get("/x")).status).toBe(404);
});

test("chimux.router is another name of the type", async () => {
  const yaml = withRoutes(["GET /x"]).replace("type: http.router", "type: chimux.router");
  await using other = await serve(yaml);
  expect((await other.get("/x")).status).toBe(200);
});
