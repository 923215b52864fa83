import { afterAll, beforeAll, expect, test } from "bun:test";
import { rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { check, serve, type TestServer, withServer } from "../../harness/server.ts";
import { rawRequest } from "../../bad_input/raw_request.ts";

const configOf = (settings: string) =>
  withServer(`
  - name: files
    type: static.fileserver
    dependsOn: [router]
    config: ${settings}
`);

const files = {
  "site/index.html": "<h1>home</h1>",
  "site/a.txt": "hello world",
  "site/app.js": "1;",
  "site/.well-known/x": "dot",
  "site/docs/index.html": "<h1>docs</h1>",
  "site/empty.txt": "",
  "site/sp ace.txt": "space",
  "site/sub/b.txt": "b",
  "secret.txt": "secret",
};

let server: TestServer;
beforeAll(async () => {
  server = await serve(configOf("{ root: site }"), { files });
  const site = join(server.directory, "site");
  utimesSync(join(site, "a.txt"), 1_700_000_000, 1_700_000_000);
  symlinkSync(join(server.directory, "secret.txt"), join(site, "leak.txt"));
  symlinkSync(server.directory, join(site, "up"));
  symlinkSync(join(site, "a.txt"), join(site, "inside.txt"));
  symlinkSync(join(site, "loop"), join(site, "loop"));
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

test.each([
  ["/", 200, "<h1>home</h1>"],
  ["/a.txt", 200, "hello world"],
  ["/docs/", 200, "<h1>docs</h1>"],
  ["/docs", 200, "<h1>docs</h1>"],
  ["/sp%20ace.txt", 200, "space"],
  ["/.well-known/x", 200, "dot"],
  ["/empty.txt", 200, ""],
  ["/inside.txt", 200, "hello world"],
  ["/sub/", 404, "404 page not found\n"],
  ["/nothing", 404, "404 page not found\n"],
  ["/a.txt/", 404, "404 page not found\n"],
  ["/a.txt/b", 404, "404 page not found\n"],
  ["/loop", 404, "404 page not found\n"],
  ["/leak.txt", 403, "Forbidden\n"],
  ["/up/secret.txt", 403, "Forbidden\n"],
  [`/${"x".repeat(300)}`, 404, "404 page not found\n"],
])("GET %s answers %i", async (path, status, body) => {
  const answer = await server.get(path);
  expect(await answer.text()).toBe(body);
  expect(answer.status).toBe(status);
  expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
  expect(answer.headers.get("cache-control")).toBe("public, max-age=3600");
});

test.each([
  ["/../secret.txt", 404],
  ["/%2e%2e/secret.txt", 404],
  ["/..%2fsecret.txt", 403],
  ["/%2e%2e%2fsecret.txt", 403],
  ["/..%5csecret.txt", 403],
  ["/..\\secret.txt", 404],
  ["/sub/..%2f..%2fsecret.txt", 403],
  ["/a.txt%00.html", 403],
  ["/%c0%ae%c0%ae/secret.txt", 404],
  ["/%252e%252e/secret.txt", 404],
  ["//secret.txt", 301],
])("the traversal %s answers %i and never the file", async (path, status) => {
  const answer = await rawRequest(server, `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  expect(answer.status).toBe(status);
  expect(answer.body).not.toContain("secret");
});

test.each([
  ["/", "text/html;charset=utf-8"],
  ["/a.txt", "text/plain;charset=utf-8"],
  ["/app.js", "text/javascript;charset=utf-8"],
  ["/.well-known/x", "application/octet-stream"],
])("the content type of %s is %s", async (path, type) => {
  expect((await server.get(path)).headers.get("content-type")).toBe(type);
});

test("a page has one address: index.html redirects to its directory", async () => {
  const answer = await server.get("/docs/index.html?x=1");
  expect(answer.status).toBe(301);
  expect(answer.headers.get("location")).toBe("./?x=1");
  expect((await server.get("/sub/index.html")).status).toBe(404);
});

test("HEAD gives the headers of GET and no body", async () => {
  const answer = await server.fetch("/a.txt", { method: "HEAD" });
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-length")).toBe("11");
  expect(await answer.text()).toBe("");
});

test("other methods are refused with the allowed ones", async () => {
  const answer = await server.post("/a.txt");
  expect(answer.status).toBe(405);
  expect(answer.headers.get("allow")).toBe("GET, HEAD");
});

test.each([
  ["bytes=2-4", 206, "llo", "bytes 2-4/11"],
  ["bytes=6-", 206, "world", "bytes 6-10/11"],
  ["bytes=-5", 206, "world", "bytes 6-10/11"],
  ["bytes=-50", 206, "hello world", "bytes 0-10/11"],
  ["bytes=4-400", 206, "o world", "bytes 4-10/11"],
  ["bytes=11-", 416, "", "bytes */11"],
  ["bytes=-0", 416, "", "bytes */11"],
  ["bytes=4-2", 200, "hello world", null],
  ["bytes=0-1,3-4", 200, "hello world", null],
  ["bytes=a-b", 200, "hello world", null],
  ["lines=1-2", 200, "hello world", null],
])("Range: %s answers %i", async (range, status, body, place) => {
  const answer = await server.get("/a.txt", { range });
  expect(answer.status).toBe(status);
  expect(await answer.text()).toBe(body);
  expect(answer.headers.get("content-range")).toBe(place);
});

const modified = "Tue, 14 Nov 2023 22:13:20 GMT";
const before = "Tue, 14 Nov 2023 22:13:19 GMT";

test("a file names its state by ETag and Last-Modified", async () => {
  const { headers } = await server.get("/a.txt");
  expect(headers.get("last-modified")).toBe(modified);
  expect(headers.get("etag")).toMatch(/^"[0-9a-z]+-b"$/);
  expect(headers.get("accept-ranges")).toBe("bytes");
});

test.each<[Record<string, string>, number]>([
  [{ "if-none-match": "ETAG" }, 304],
  [{ "if-none-match": 'W/"other", W/ETAG' }, 304],
  [{ "if-none-match": "*" }, 304],
  [{ "if-none-match": '"other"' }, 200],
  [{ "if-none-match": '"other"', "if-modified-since": modified }, 200],
  [{ "if-modified-since": modified }, 304],
  [{ "if-modified-since": before }, 200],
  [{ "if-modified-since": "not a date" }, 200],
  [{ "if-match": "ETAG" }, 200],
  [{ "if-match": "W/ETAG" }, 412],
  [{ "if-match": '"other"' }, 412],
  [{ "if-unmodified-since": modified }, 200],
  [{ "if-unmodified-since": before }, 412],
  [{ range: "bytes=0-4", "if-range": "ETAG" }, 206],
  [{ range: "bytes=0-4", "if-range": '"other"' }, 200],
  [{ range: "bytes=0-4", "if-range": modified }, 206],
  [{ range: "bytes=0-4", "if-range": before }, 200],
])("the conditions %j answer %i", async (conditions, status) => {
  const etag = (await server.get("/a.txt")).headers.get("etag") ?? "";
  const headers = Object.fromEntries(
    Object.entries(conditions).map(([name, value]) => [name, value.replace("ETAG", etag)]),
  );
  const answer = await server.get("/a.txt", headers);
  expect(answer.status).toBe(status);
  expect(await answer.text()).toBe({ 200: "hello world", 206: "hello" }[status] ?? "");
  expect(answer.headers.get("etag")).toBe(etag);
});

test("a changed file is sent again", async () => {
  const path = join(server.directory, "site/change.txt");
  writeFileSync(path, "one");
  const etag = (await server.get("/change.txt")).headers.get("etag") ?? "";
  writeFileSync(path, "two!");
  const answer = await server.get("/change.txt", { "if-none-match": etag });
  expect(answer.status).toBe(200);
  expect(await answer.text()).toBe("two!");
  rmSync(path);
});

test.each(["spaFallback", "spa"])("with %s, paths without a file show the page that knows the routes", async (key) => {
  await using spa = await serve(configOf(`{ root: site, ${key}: true }`), { files });
  expect(await (await spa.get("/users/7")).text()).toBe("<h1>home</h1>");
  expect(await (await spa.get("/sub/")).text()).toBe("<h1>home</h1>");
  expect(await (await spa.get("/a.txt")).text()).toBe("hello world");
  expect((await spa.get("/..%2fsecret.txt")).status).toBe(403);
});

test("prefix moves the files below a path, and cacheMaxAge sets how long they keep", async () => {
  await using moved = await serve(configOf(`{ root: site, prefix: /static/, cacheMaxAge: 60 }`), { files });
  const answer = await moved.get("/static/a.txt");
  expect(await answer.text()).toBe("hello world");
  expect(answer.headers.get("cache-control")).toBe("public, max-age=60");
  expect((await moved.get("/a.txt")).status).toBe(404);
  expect((await moved.get("/static")).headers.get("location")).toBe("/static/");
});

test("router names the router for the files", async () => {
  const yaml = (settings: string) => `modules:
  - { name: one, type: http.server, config: { address: "127.0.0.1:0" } }
  - { name: first, type: http.router, dependsOn: [one] }
  - { name: two, type: http.server, config: { address: "localhost:0" } }
  - { name: second, type: http.router, dependsOn: [two] }
  - { name: files, type: static.fileserver, config: ${settings} }
`;
  await using named = await serve(yaml("{ root: site, router: second }"), { files });
  expect((await named.get("/a.txt")).status).toBe(404);
  await using found = await serve(yaml("{ root: site }"), { files });
  expect((await found.get("/a.txt")).status).toBe(200);
});

test("a route of the user's comes before the files", async () => {
  const yaml = `${configOf("{ root: site }")}
  - { name: hello, type: http.handler }
workflows:
  http: { routes: [{ method: GET, path: /a.txt, handler: hello }] }
`;
  await using own = await serve(yaml, { files });
  expect(await (await own.get("/a.txt")).json()).toMatchObject({ handler: "hello" });
});

test("a root that is missing is created, and one that is a file is refused", async () => {
  await using created = await serve(configOf("{ root: new/site }"));
  writeFileSync(join(created.directory, "new/site/x.txt"), "x");
  expect(await (await created.get("/x.txt")).text()).toBe("x");
  const refused = serve(configOf("{ root: site }"), { files: { site: "a file" } });
  await expect(refused).rejects.toThrow(
    /^failed to start workflow engine: failed to start application: module "files": root path ".*" is not a directory$/,
  );
});

test("root is required", async () => {
  expect((await check(configOf("{ prefix: /x }"))).errors).toEqual([
    '12:13: modules[2].config.root: required config field "root" is missing',
  ]);
});

test("a root that is itself a symbolic link is followed", async () => {
  await using linked = await serve(configOf("{ root: site }"), { files });
  symlinkSync(join(linked.directory, "site/sub"), join(linked.directory, "link"));
  await linked.reload(configOf("{ root: link }"));
  expect(await (await linked.get("/b.txt")).text()).toBe("b");
});
