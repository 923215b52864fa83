import { afterAll, expect, test } from "bun:test";
import { gzipSync } from "node:zlib";
import { backendUrl, proxyRequest, type ProxyOptions } from "../../src/net/proxy.ts";
import { systemClock } from "../../src/time/clock.ts";
import { ManualClock } from "../harness/manual_clock.ts";

const zipped = gzipSync("hello");
const backend = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/zip") {
      return new Response(zipped, { headers: { "content-encoding": "gzip", connection: "x-inner", "x-inner": "1" } });
    }
    if (pathname === "/moved") return new Response(null, { status: 302, headers: { location: "/there" } });
    if (pathname === "/never") return await new Promise<Response>(() => {});
    if (pathname === "/stream") {
      const chunks = ["a", "b", "c"];
      return new Response(
        new ReadableStream({
          pull(controller) {
            const chunk = chunks.shift();
            if (chunk === undefined) controller.close();
            else controller.enqueue(new TextEncoder().encode(chunk));
          },
        }),
      );
    }
    return Response.json({
      method: request.method,
      url: request.url,
      headers: Object.fromEntries(request.headers),
      body: await request.text(),
    });
  },
});
afterAll(() => backend.stop(true));

const options: ProxyOptions = {
  clock: systemClock,
  peer: "10.0.0.9",
  isSecure: true,
  host: "backend",
  timeoutMs: 0,
  signal: new AbortController().signal,
};
const target = (path: string) => new URL(path, backend.url);

interface Seen {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

async function seen(request: Request, changed: Partial<ProxyOptions> = {}): Promise<Seen> {
  const answer = await proxyRequest(request, target("/echo"), { ...options, ...changed });
  return (await answer.json()) as Seen;
}

test("method, body and end-to-end headers reach the backend; hop-by-hop headers do not", async () => {
  const { method, headers, body } = await seen(
    new Request("http://client.example/x", {
      method: "POST",
      body: "payload",
      headers: {
        host: "client.example",
        connection: "keep-alive, x-private",
        "x-private": "1",
        "proxy-authorization": "Basic eA==",
        te: "trailers",
        "x-kept": "2",
        "x-forwarded-for": "192.0.2.1",
      },
    }),
  );
  expect({ method, body }).toEqual({ method: "POST", body: "payload" });
  expect(headers).toMatchObject({
    "x-kept": "2",
    "x-forwarded-for": "192.0.2.1, 10.0.0.9",
    "x-forwarded-host": "client.example",
    "x-forwarded-proto": "https",
    "accept-encoding": "identity",
    host: backend.url.host,
  });
  for (const name of ["x-private", "proxy-authorization", "te"]) expect(headers).not.toHaveProperty(name);
});

test("the client's host, another body and edited headers are sent when asked for", async () => {
  const request = new Request("http://client.example/x", {
    method: "POST",
    body: "first",
    headers: { host: "client.example", "content-length": "5" },
  });
  const { headers, body } = await seen(request, {
    host: "client",
    peer: "",
    isSecure: false,
    body: "another one",
    edit: (edited) => edited.set("x-edited", "yes"),
  });
  expect(body).toBe("another one");
  expect(headers).toMatchObject({
    host: "client.example",
    "x-edited": "yes",
    "content-length": "11",
    "x-forwarded-proto": "http",
  });
  expect(headers).not.toHaveProperty("x-forwarded-for");
});

test("a compressed answer is passed on as it came, without the backend's hop-by-hop headers", async () => {
  const answer = await proxyRequest(new Request("http://c/"), target("/zip"), options);
  expect(answer.headers.get("content-encoding")).toBe("gzip");
  expect(answer.headers.has("x-inner")).toBe(false);
  expect(new Uint8Array(await answer.arrayBuffer())).toEqual(new Uint8Array(zipped));
});

test("redirects are the client's to follow", async () => {
  const answer = await proxyRequest(new Request("http://c/"), target("/moved"), options);
  expect([answer.status, answer.headers.get("location")]).toEqual([302, "/there"]);
});

test("an answer without a known length is streamed", async () => {
  const answer = await proxyRequest(new Request("http://c/"), target("/stream"), options);
  expect(await answer.text()).toBe("abc");
});

test("a backend that cannot be reached is a 502", async () => {
  const unreachable = new URL("http://127.0.0.1:1/");
  await expect(proxyRequest(new Request("http://c/"), unreachable, options)).rejects.toMatchObject({
    code: "http.upstream",
    status: 502,
  });
});

test("a backend that does not answer in time is a 504", async () => {
  const clock = new ManualClock();
  const waiting = proxyRequest(new Request("http://c/"), target("/never"), { ...options, clock, timeoutMs: 1000 });
  const outcome = waiting.catch((error: unknown) => error);
  await clock.advance(1000);
  expect(await outcome).toMatchObject({ code: "http.upstream", status: 504 });
  expect(clock.pendingTimers).toBe(0);
});

test("a client that goes away ends the call with its own reason", async () => {
  const gone = new AbortController();
  const waiting = proxyRequest(new Request("http://c/"), target("/never"), { ...options, signal: gone.signal });
  gone.abort(new Error("client went away"));
  await expect(waiting).rejects.toThrow("client went away");
});

test.each([
  ["http://b/", "/a/b", "", "http://b/a/b"],
  ["http://b/v1", "/a", "?x=1", "http://b/v1/a?x=1"],
  ["http://b/v1/?k=2", "a%2Fb", "?x=1&y", "http://b/v1/a%2Fb?k=2&x=1&y"],
  ["http://b", "//evil.example/x", "", "http://b//evil.example/x"],
  ["http://b", "/", "", "http://b/"],
])("below %s the path %s%s is %s", (base, path, search, expected) => {
  expect(backendUrl(new URL(base), path, search).href).toBe(expected);
});

test.each(["/../x", "/a/%2e%2E/x", "/a/.%2e", "/./x", "/a\\..\\x"])("the path %s is refused", (path) => {
  expect(() => backendUrl(new URL("http://b/v1"), path, "")).toThrow("segments that are only dots");
});
