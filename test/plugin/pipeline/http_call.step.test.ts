import { expect, test } from "bun:test";
import { EgressPolicy } from "../../../src/net/egress.ts";
import { ManualClock } from "../../harness/manual_clock.ts";
import { check } from "../../harness/server.ts";
import { answerWith, pipelineOf, servePipeline } from "./fixture.ts";

interface Seen {
  readonly method: string;
  readonly path: string;
  readonly type: string | null;
  readonly authorization: string | null;
  readonly body: string;
}

/** A service that remembers what it was asked. */
function upstream(answer: (request: Request, seen: readonly Seen[]) => Response | Promise<Response>) {
  const seen: Seen[] = [];
  const server = Bun.serve({
    port: 0,
    async fetch(request) {
      const { pathname, search } = new URL(request.url);
      seen.push({
        method: request.method,
        path: pathname + search,
        type: request.headers.get("content-type"),
        authorization: request.headers.get("authorization"),
        body: await request.clone().text(),
      });
      return answer(request, seen);
    },
  });
  return { url: `http://localhost:${server.port}`, seen, [Symbol.dispose]: () => void server.stop(true) };
}

const call = (config: string) => `{ name: call, type: step.http_call, config: ${config} }`;
const head = 'workflow execution failed: pipeline "p" execution failed: step "call" failed: http_call step "call": ';

async function errorOf(reply: Response): Promise<string> {
  return ((await reply.json()) as { error: string }).error;
}

test("the answer becomes output: status, headers under canonical names, and JSON or text", async () => {
  using other = upstream(({ url }) =>
    url.endsWith("/json")
      ? Response.json({ a: [1] }, { status: 201, headers: { "x-request-id": "7" } })
      : new Response("plain", {
          headers: [
            ["set-cookie", "a=1"],
            ["set-cookie", "b=2"],
          ],
        }),
  );
  await using server = await servePipeline([call(`{ url: "${other.url}/{{ .body.kind }}" }`), answerWith("call")]);
  const json = (await (await server.post("/p", { kind: "json" })).json()) as Record<string, unknown>;
  expect(json).toMatchObject({ status_code: 201, status: "201 Created", body: { a: [1] } });
  expect(json.headers).toMatchObject({ "X-Request-Id": "7", "Content-Type": "application/json;charset=utf-8" });
  const text = await (await server.post("/p", { kind: "text" })).json();
  expect(text).toMatchObject({ status_code: 200, body: "plain", headers: { "Set-Cookie": ["a=1", "b=2"] } });
});

const requests: readonly [config: string, seen: Partial<Seen>][] = [
  ["", { method: "GET", body: "", type: null }],
  ["method: head", { method: "HEAD", body: "", type: null }],
  [
    'method: POST, body: { n: "{{ .body.n }}", l: [1] }',
    { method: "POST", body: '{"l":[1],"n":"5"}', type: "application/json" },
  ],
  ["method: PUT, body: {}", { method: "PUT", body: "{}" }],
  ["method: POST", { body: '{"body":{"n":5},"method":"POST","path":"/p"}', type: "application/json" }],
  [
    "method: POST, headers: { Content-Type: text/json, Authorization: 'Basic {{ .body.n }}' }",
    { type: "text/json", authorization: "Basic 5" },
  ],
  ["headers: { Authorization: '{{ .missing.x }}' }", { authorization: "{{ .missing.x }}" }],
];

test.each(requests)("with %s the request is %j", async (config, expected) => {
  using other = upstream(() => new Response("{}"));
  await using server = await servePipeline([call(`{ url: "${other.url}/x", ${config} }`), answerWith("call")]);
  await server.post("/p", { n: 5 }, { authorization: "secret" });
  expect(other.seen).toEqual([expect.objectContaining(expected)]);
});

test("headers of the request do not leave with the current values, also when a step reads them", async () => {
  using other = upstream(() => new Response("{}"));
  await using server = await servePipeline([
    `{ name: note, type: step.log, config: { message: "{{ .headers.Authorization }}" } }`,
    call(`{ url: "${other.url}", method: POST }`),
  ]);
  await server.post("/p", undefined, { authorization: "secret" });
  await server.logged("secret");
  expect(other.seen[0]?.body).toBe('{"method":"POST","path":"/p"}');
});

test("an error status fails the step with the body", async () => {
  using other = upstream(() => new Response("no such thing", { status: 404 }));
  await using server = await servePipeline([call(`{ url: "${other.url}" }`)]);
  const reply = await server.post("/p");
  expect([reply.status, await errorOf(reply)]).toEqual([500, `${head}HTTP 404: no such thing`]);
});

const unreachable: readonly [url: string, message: string][] = [
  ["file:///etc/passwd", 'request failed: unsupported protocol scheme "file"'],
  ["data:,x", 'request failed: unsupported protocol scheme "data"'],
  ["not a url", 'request failed: invalid URL "not a url"'],
  ["http://127.0.0.1:1/", "request failed: "],
];

test.each(unreachable)("the address %s fails", async (url, message) => {
  await using server = await servePipeline([call(`{ url: "${url}" }`)]);
  const reply = await server.post("/p");
  expect(reply.status).toBe(500);
  expect(await errorOf(reply)).toStartWith(head + message);
});

test("a service that does not answer in time is a 504", async () => {
  const clock = new ManualClock();
  const gate = Promise.withResolvers<Response>();
  using other = upstream(() => gate.promise);
  await using server = await servePipeline([call(`{ url: "${other.url}", timeout: 5s }`)], { clock });
  const pending = server.post("/p");
  while (other.seen.length === 0) await clock.advance(0);
  await clock.advance(4999);
  expect(clock.pendingTimers).toBe(1);
  await clock.advance(1);
  const reply = await pending;
  expect([reply.status, await errorOf(reply)]).toEqual([504, `${head}request failed: context deadline exceeded`]);
  gate.resolve(new Response(""));
});

test("a body beyond the limit is refused", async () => {
  using other = upstream(() => new Response("x".repeat(2000)));
  await using small = await servePipeline([call(`{ url: "${other.url}", max_response_size: 1KiB }`)]);
  expect(await errorOf(await small.post("/p"))).toBe(`${head}request failed: the response is larger than 1024 bytes`);
  await using large = await servePipeline([call(`{ url: "${other.url}" }`)]);
  expect((await large.post("/p")).status).toBe(202);
});

test("redirects are followed, as HTTP asks, ten times at most", async () => {
  using other = upstream((request) => {
    const { pathname } = new URL(request.url);
    const [, kind, left] = pathname.split("/");
    if (kind === "end" || left === undefined) return new Response("{}");
    const location = Number(left) > 1 ? `/${kind}/${Number(left) - 1}` : "/end";
    return new Response(null, { status: Number(kind), headers: { location } });
  });
  const send = async (path: string, method: string) => {
    await using server = await servePipeline([
      call(`{ url: "${other.url}${path}", method: ${method}, body: { a: 1 } }`),
    ]);
    return await server.post("/p");
  };
  expect((await send("/302/10", "POST")).status).toBe(202);
  expect(other.seen.at(-1)).toMatchObject({ method: "GET", path: "/end", body: "", type: null });
  expect((await send("/307/1", "POST")).status).toBe(202);
  expect(other.seen.at(-1)).toMatchObject({ method: "POST", path: "/end", body: '{"a":1}' });
  expect((await send("/303/1", "PUT")).status).toBe(202);
  expect(other.seen.at(-1)).toMatchObject({ method: "GET" });
  expect((await send("/301/1", "PUT")).status).toBe(202);
  expect(other.seen.at(-1)).toMatchObject({ method: "PUT" });
  expect(await errorOf(await send("/302/11", "POST"))).toBe(`${head}request failed: stopped after 10 redirects`);
});

test("a redirect to another host takes no credentials along, and only HTTP is followed", async () => {
  using second = upstream(() => new Response("{}"));
  using first = upstream(({ url }) =>
    Response.redirect(url.endsWith("/file") ? "file:///etc/passwd" : second.url.replace("localhost", "127.0.0.1")),
  );
  const send = async (path: string) => {
    await using server = await servePipeline([
      call(`{ url: "${first.url}${path}", headers: { Authorization: secret } }`),
    ]);
    return await server.post("/p");
  };
  await send("/");
  expect([first.seen[0]?.authorization, second.seen[0]?.authorization]).toEqual(["secret", null]);
  expect(await errorOf(await send("/file"))).toBe(`${head}request failed: unsupported protocol scheme "file"`);
});

const oauth = (url: string, rest = "scopes: [a, b]") =>
  `auth: { type: oauth2_client_credentials, token_url: "${url}/token", client_id: me, client_secret: "s&x", ` +
  `${rest} }`;

/** A service behind tokens `t1`, `t2`, …; `refused` are those it does not take. */
function guarded(refused: readonly string[] = [], answer: object = {}) {
  let issued = 0;
  return upstream((request) => {
    if (request.url.endsWith("/token")) return Response.json({ access_token: `t${++issued}`, ...answer });
    const token = request.headers.get("authorization")?.slice("Bearer ".length) ?? "";
    return new Response("{}", { status: refused.includes(token) ? 401 : 200 });
  });
}

test("a token is fetched once for all who need it, and shared between steps", async () => {
  using other = guarded();
  const steps = [
    call(`{ url: "${other.url}/x", headers: { Authorization: mine }, ${oauth(other.url)} }`),
    call(`{ url: "${other.url}/y", ${oauth(other.url)} }`),
  ];
  await using server = await servePipeline(steps);
  await Promise.all([server.post("/p"), server.post("/p"), server.post("/p")]);
  const tokens = other.seen.filter(({ path }) => path === "/token");
  expect(tokens).toEqual([
    {
      method: "POST",
      path: "/token",
      type: "application/x-www-form-urlencoded",
      authorization: null,
      body: "grant_type=client_credentials&client_id=me&client_secret=s%26x&scope=a+b",
    },
  ]);
  const calls = other.seen.filter(({ path }) => path !== "/token");
  expect(calls.map(({ authorization }) => authorization)).toEqual(new Array(6).fill("Bearer t1"));
});

test("other scopes are another token, and a token is renewed ten seconds before it expires", async () => {
  const clock = new ManualClock();
  using other = guarded([], { expires_in: 60 });
  await using server = await servePipeline(
    [
      call(`{ url: "${other.url}", ${oauth(other.url)} }`),
      call(`{ url: "${other.url}", ${oauth(other.url, "scopes: [c]")} }`),
    ],
    { clock },
  );
  const fetched = () => other.seen.filter(({ path }) => path === "/token").length;
  await server.post("/p");
  expect(fetched()).toBe(2);
  await clock.advance(49_999);
  await server.post("/p");
  expect(fetched()).toBe(2);
  await clock.advance(1);
  await server.post("/p");
  expect(fetched()).toBe(4);
});

test("a refused token is replaced once", async () => {
  using once = guarded(["t1"]);
  await using server = await servePipeline([call(`{ url: "${once.url}/x", ${oauth(once.url)} }`)]);
  expect((await server.post("/p")).status).toBe(202);
  expect(once.seen.map(({ path, authorization }) => [path, authorization])).toEqual([
    ["/token", null],
    ["/x", "Bearer t1"],
    ["/token", null],
    ["/x", "Bearer t2"],
  ]);
  using always = guarded(["t1", "t2", "t3"]);
  await using other = await servePipeline([call(`{ url: "${always.url}/x", ${oauth(always.url)} }`)]);
  expect(await errorOf(await other.post("/p"))).toBe(`${head}HTTP 401: {}`);
  expect(always.seen).toHaveLength(4);
});

test("a token endpoint that refuses is named, and asked again next time", async () => {
  let isBroken = true;
  using other = upstream(({ url }) => {
    if (!url.endsWith("/token")) return new Response("{}");
    return isBroken ? new Response("bad client", { status: 400 }) : Response.json({ access_token: "t" });
  });
  await using server = await servePipeline([call(`{ url: "${other.url}", ${oauth(other.url)} }`)]);
  expect(await errorOf(await server.post("/p"))).toBe(`${head}token endpoint returned HTTP 400: bad client`);
  isBroken = false;
  expect((await server.post("/p")).status).toBe(202);
});

const where = 'pipeline "p": step "call" (type step.http_call): http_call step "call": ';
test.each([
  ["token_url", "client_id: a, client_secret: b"],
  ["client_id", "token_url: 'http://x', client_secret: b"],
  ["client_secret", "token_url: 'http://x', client_id: a"],
])("auth.%s is required", async (key, rest) => {
  const yaml = pipelineOf([call(`{ url: "http://x", auth: { type: oauth2_client_credentials, ${rest} } }`)]);
  expect((await check(yaml)).errors).toEqual([
    `13:9: failed to configure pipelines: ${where}auth.${key} is required for oauth2_client_credentials`,
  ]);
});

test("the address is required; another kind of auth and an unreadable timeout are ignored with warnings", async () => {
  expect((await check(pipelineOf([call("{}")]))).errors).toEqual([`13:53: ${where}'url' is required`]);
  const { errors, warnings } = await check(
    pipelineOf([call('{ url: "http://x", timeout: soon, auth: { type: basic } }')]),
  );
  expect(errors).toEqual([]);
  expect(warnings.filter((text) => /'(timeout|type)'/.test(text))).toHaveLength(2);
});

const strict = { egress: new EgressPolicy() };

test.each([
  ["timeout: 5s", "resolves to 127.0.0.1, which is a loopback address that calls may not reach"],
  ["egress: { allow: [private] }", "resolves to 127.0.0.1, which is a loopback address that calls may not reach"],
  ["egress: { allow: [loopback] }", "202"],
  ["egress: { allow: [localhost] }", "202"],
  ["egress: { allow: [127.0.0.0/8, '::1'] }", "202"],
  ["egress: { allow: [loopback], deny: [localhost] }", "localhost is denied by the egress rules"],
])("a service of this machine, with {%s}: %s", async (settings, expected) => {
  using other = upstream(() => new Response("{}"));
  await using server = await servePipeline([call(`{ url: "${other.url}", ${settings} }`)], strict);
  const reply = await server.post("/p");
  const result = reply.status === 202 ? "202" : await errorOf(reply);
  expect(result).toContain(expected);
  if (reply.status !== 202) expect(result).toStartWith(`${head}request failed: localhost `);
  expect(other.seen).toHaveLength(reply.status === 202 ? 1 : 0);
});

test("what a client writes into the address does not reach the services around", async () => {
  await using server = await servePipeline([call('{ url: "http://{{ .body.host }}/" }')], strict);
  for (const host of ["169.254.169.254", "10.0.0.1", "[::ffff:7f00:1]", "0x7f000001", "[fd00:ec2::254]"]) {
    const reply = await server.post("/p", { host });
    expect(await errorOf(reply)).toMatch(/^.*request failed: \S+ is a (metadata|private|loopback) address/);
  }
});

test("the token endpoint is under the same rules, and tokens are not shared across them", async () => {
  using other = guarded();
  const config = `url: "${other.url}/x", ${oauth(other.url)}`;
  const rules = "egress: { allow: [loopback] }";
  await using open = await servePipeline([call(`{ ${config}, ${rules} }`)], strict);
  expect((await open.post("/p")).status).toBe(202);
  const token = oauth(other.url);
  await using closed = await servePipeline([call(`{ url: "http://203.0.113.1/", ${token} }`)], strict);
  expect(await errorOf(await closed.post("/p"))).toStartWith(`${head}request failed: localhost resolves to `);
});

test("a rule that cannot be read is an error of the configuration", async () => {
  const { errors } = await check(pipelineOf([call('{ url: "http://x", egress: { allow: ["http://y"] } }')]));
  const refused = '13:9: failed to configure pipelines: pipeline "p": step "call" (type step.http_call): "http://y" ';
  const forms = '"private", "loopback", an address, a CIDR block or a host name';
  expect(errors).toEqual([`${refused}is not an egress rule: it must be ${forms}`]);
});
