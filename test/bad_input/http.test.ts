import { afterAll, beforeAll, expect, test } from "bun:test";
import { serve, type TestServer, withServer } from "../harness/server.ts";
import { rawAnswer, rawConnection, rawRequest } from "./raw_request.ts";

const yaml = withServer(`
  - { name: hello, type: http.handler }
  - { name: files, type: static.fileserver, config: { root: site, prefix: /site } }
  - { name: id, type: http.middleware.requestid }
workflows:
  http:
    routes:
      - { method: GET, path: "/hello/{name}", handler: hello, middlewares: [id] }
      - { method: POST, path: /tree/, handler: hello }
pipelines:
  echo:
    trigger: { type: http, config: { method: POST, path: "/echo/{name}" } }
    steps:
      - { name: parse, type: step.request_parse, config: { parse_body: true, path_params: [name] } }
      - { name: answer, type: step.json_response, config: { body: { name: "{{ .name }}" } } }
  strict:
    trigger: { type: http, config: { method: POST, path: /strict } }
    steps:
      - { name: check, type: step.validate, config: { required_fields: [name] } }
      - { name: answer, type: step.json_response, config: { body: { ok: true } } }
`).replace(
  'config: { address: "127.0.0.1:0" }',
  'config: { address: "127.0.0.1:0", maxBodyBytes: 64KiB, readTimeout: 50ms }',
);

let server: TestServer;
beforeAll(async () => {
  server = await serve(yaml, { files: { "site/a.txt": "a", "site/index.html": "home", "secret.txt": "top secret" } });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const get = (target: string, headers = "") =>
  rawRequest(server, `GET ${target} HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`);
const post = (target: string, headers: string, body: string) =>
  rawRequest(server, `POST ${target} HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n${body}`);

test("the server still answers after everything below", async () => {
  expect((await get("/hello/x")).status).toBe(200);
});

test.each([
  ["a header of 20 kB", `X-Big: ${"x".repeat(20_000)}\r\n`],
  ["a thousand headers", Array.from({ length: 1000 }, (_, index) => `X-H${index}: ${"y".repeat(20)}\r\n`).join("")],
  ["a cookie of 1 MB", `Cookie: ${"c".repeat(1_000_000)}\r\n`],
])("%s is refused with 431", async (_, headers) => {
  expect((await get("/hello/x", headers)).status).toBe(431);
});

test("a request line of 20 kB is refused with 431", async () => {
  expect((await get(`/hello/${"x".repeat(20_000)}`)).status).toBe(431);
});

test.each([
  ["announced 10 GB", "Content-Length: 10737418240\r\n", "x"],
  ["sent 65 kB", "Content-Length: 66560\r\n", "x".repeat(66_560)],
  ["chunked 65 kB", "Transfer-Encoding: chunked\r\n", `10400\r\n${"x".repeat(66_560)}\r\n0\r\n\r\n`],
])("a body that is too large is refused with 413: %s", async (_, headers, body) => {
  const answer = await post("/echo/x", `Content-Type: application/json\r\n${headers}`, body);
  expect(answer.status).toBe(413);
  expect(JSON.parse(answer.body)).toEqual({ error: "the request body is larger than 65536 bytes" });
});

test.each([
  ["two lengths that differ", "Content-Length: 3\r\nContent-Length: 5\r\n", "abcde"],
  ["a negative length", "Content-Length: -1\r\n", ""],
  ["a length that is no number", "Content-Length: abc\r\n", ""],
  ["a length beside chunks", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"],
  ["an unknown transfer coding", "Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"],
  ["a chunk without a size", "Transfer-Encoding: chunked\r\n", "zz\r\nab\r\n0\r\n\r\n"],
  ["a space before the colon", "X-A : 1\r\n", ""],
  ["a header without a colon", "nonsense\r\n", ""],
])("a message that cannot be framed is refused with 400: %s", async (_, headers, body) => {
  expect((await post("/echo/x", headers, body)).status).toBe(400);
});

test.each([
  ["no Host", "GET /hello/x HTTP/1.1\r\n\r\n"],
  ["a Host that is none", "GET /hello/x HTTP/1.1\r\nHost: a b/../c\r\n\r\n"],
  ["a Host with a path", "GET /hello/x HTTP/1.1\r\nHost: a/b\r\n\r\n"],
  ["bytes of another protocol", "\x16\x03\x01\x02\x00\x01\x00\r\n\r\n"],
  ["a target without a slash", "GET hello HTTP/1.1\r\nHost: localhost\r\n\r\n"],
  ["a target of a star", "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n"],
])("a request with %s is refused with 400", async (_, text) => {
  expect((await rawRequest(server, text)).status).toBe(400);
});

test.each([
  ["GET /hello/x HTTP/3.7\r\nHost: localhost\r\n\r\n", 505],
  ["GET /hello/x\r\n\r\n", 505],
])("the version in %p is refused with %i", async (text, status) => {
  expect((await rawRequest(server, text)).status).toBe(status);
});

test.each([
  ["PUT", "/hello/x", "GET, HEAD"],
  ["CONNECT", "/hello/x", "GET, HEAD"],
  ["TRACE", "/strict", "POST"],
  ["PROPFIND", "/site/a.txt", "GET, HEAD"],
])("the method %s on %s is refused with Allow: %s", async (method, path, allow) => {
  const answer = await rawRequest(server, `${method} ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  expect(answer.status).toBe(405);
  expect(answer.headers.get("allow")).toBe(allow);
});

test("a method that does not exist ends the connection, and nothing runs", async () => {
  const before = server.records.length;
  expect((await rawRequest(server, "BREW /hello/x HTTP/1.1\r\nHost: localhost\r\n\r\n")).status).toBe(0);
  expect(server.records.length).toBe(before);
});

test.each([
  ["", "empty"],
  ["{", "cut off"],
  ['{"name": }', "without a value"],
  ['["name"]', "a list"],
  ["null", "null"],
  [`${"[".repeat(5_000)}`, "deeply nested"],
  [`{"a":${'{"a":'.repeat(300)}1${"}".repeat(300)}}`, "deeper than the limit"],
  ["\xff\xfe{}", "not UTF-8"],
])("a step that needs fields refuses the body %p (%s) with 400", async (body) => {
  const answer = await post(
    "/strict",
    `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`,
    body,
  );
  expect(answer.status).toBe(400);
  expect(answer.headers.get("content-type")).toBe("application/json");
  expect(Object.keys(JSON.parse(answer.body))).toContain("error");
});

test.each([
  "/site/../secret.txt",
  "/site/%2e%2e/secret.txt",
  "/site/..%2fsecret.txt",
  "/site/%2e%2e%2fsecret.txt",
  "/site/..%5csecret.txt",
  "/site/..\\secret.txt",
  "/site/%252e%252e%252fsecret.txt",
  "/site/.%00./secret.txt",
  "/site/%c0%ae%c0%ae%c0%afsecret.txt",
  "/site/\u2025/secret.txt",
  "/site//../../secret.txt",
  "/site/a.txt/../../secret.txt",
  "//site/../secret.txt",
  "/hello/../site/../secret.txt",
])("%s never leads out of the directory", async (target) => {
  const answer = await get(target);
  expect(answer.body).not.toContain("secret");
  expect([301, 403, 404, 405]).toContain(answer.status);
});

test.each([
  ["/hello/%", 404],
  ["/hello/%zz", 404],
  ["/hello/%ff", 404],
  ["/hello/a%2Fb", 200],
  ["/hello/%00", 200],
  ["/hello/#fragment", 200],
  ["/hello/x?%", 200],
  ["/hello/x?=&&==&%zz", 200],
  ["/hello/;x=1", 200],
  ["/hello/%F0%9F%92%A9", 200],
  ["http://other.example/hello/x", 200],
])("the target %s answers %i", async (target, status) => {
  expect((await get(target)).status).toBe(status);
});

test.each([
  ["//evil.example/%2e%2e/tree", "/tree"],
  ["/\\evil.example/..", "/"],
  ["//evil.example", "/evil.example"],
  ["/tree%0d%0aX-Evil:1", null],
])("no redirect leads to another host: %s", async (target, location) => {
  const answer = await get(target);
  expect(answer.headers.get("location")).toBe(location);
  expect(answer.headers.has("x-evil")).toBe(false);
});

test("line breaks in parameters stay inside the body", async () => {
  const answer = await post("/echo/a%0d%0aX-Evil:%201?q=%0d%0aX-Evil:%202", "", "");
  expect(answer.status).toBe(200);
  expect(answer.headers.has("x-evil")).toBe(false);
  expect(JSON.parse(answer.body)).toEqual({ name: "a\r\nX-Evil: 1" });
});

test("a request id with bytes that are not its alphabet is not sent back", async () => {
  const answer = await get("/hello/x", "X-Request-ID: a\xe9b <script>\r\n");
  expect(answer.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
});

test.each([
  ["announced", "Content-Length: 60000\r\n"],
  ["chunked", "Transfer-Encoding: chunked\r\n"],
])("a client that stops in the middle of an %s body is told so after readTimeout", async (_, headers) => {
  const answer = await post("/strict", `Content-Type: application/json\r\n${headers}`, "");
  expect(answer.status).toBe(408);
});

test("a client that sends its body byte by byte is given up as well", async () => {
  const socket = rawConnection(server);
  socket.write(
    "POST /strict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n",
  );
  let isAnswered = false;
  const drip = () => {
    if (!isAnswered) socket.write("x", () => setImmediate(drip));
  };
  drip();
  const answer = await rawAnswer(socket);
  isAnswered = true;
  expect(answer.status).toBe(408);
});

test("clients that hang up in the middle of a request are not logged as failures", async () => {
  await using other = await serve(yaml, { files: { "site/a.txt": "a" }, logLevel: "debug" });
  for (const text of [
    "POST /strict HTTP/1.1\r\n",
    "GET /site/a.txt HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "POST /strict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc",
  ]) {
    const socket = rawConnection(other);
    const { promise: written, resolve } = Promise.withResolvers<void>();
    socket.write(text, () => resolve());
    await written;
    socket.destroy();
  }
  await other.logged("Client went away");
  expect(other.records.filter(({ message }) => message === "Request failed")).toEqual([]);
});

test("two hundred requests at once, good and bad, each get their own answer", async () => {
  const kinds = [
    () => get("/hello/x"),
    () => get("/nowhere"),
    () => post("/strict", "Content-Type: application/json\r\nContent-Length: 2\r\n", "{}"),
    () => rawRequest(server, "nonsense\r\n\r\n"),
  ];
  const answers = await Promise.all(Array.from({ length: 200 }, (_, index) => kinds[index % 4]?.()));
  const statuses = answers.map((answer) => answer?.status);
  const expected = [200, 404, 400, 400];
  expect(statuses).toEqual(Array.from({ length: 200 }, (_, index) => expected[index % 4]));
});

test("after everything above, the server still answers", async () => {
  expect((await get("/hello/x")).status).toBe(200);
});
