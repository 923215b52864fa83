import { expect, test } from "bun:test";
import { EgressPolicy } from "../../../src/net/egress.ts";
import type { ConnectorRegistry } from "../../../src/port/service.ts";
import { ManualClock } from "../../harness/manual_clock.ts";
import { check, serve, withServer } from "../../harness/server.ts";
import { SleepClock } from "../messaging/sleep_clock.ts";
import { failure, peer, run, withIntegration } from "./peer.ts";

const local = (url: string, more = "") => `{ baseURL: "${url}", allowPrivateIPs: true${more} }`;

test("the steps run one after the other, and each sees the results before it", async () => {
  await using api = peer(({ url }) => Response.json({ from: url, n: 7 }));
  const steps = `{ name: first, connector: api, action: GET /first },
      { name: second, connector: api, action: POST /second, input: {
        whole: "\${first}", field: "\${first.n}", text: "n=\${first.n}/\${data.id}", initial: "\${id}",
        missing: "\${first.zzz} \${nobody.x}", deep: { list: ["\${first.n}"] }, plain: 5 } }`;
  await using server = await serve(withIntegration(local(api.url), steps));
  expect(await run(server, "", { id: "o1" })).toEqual({
    id: "o1",
    first: { from: "/first", n: 7, statusCode: 200 },
    second: { from: "/second", n: 7, statusCode: 200 },
  });
  expect(api.asked[1]?.body).toEqual({
    whole: { from: "/first", n: 7, statusCode: 200 },
    field: 7,
    text: "n=7/o1",
    initial: "o1",
    missing: "${first.zzz} ${nobody.x}",
    deep: { list: [7] },
    plain: 5,
  });
});

test.each([
  ["GET /a/{id}/b", { id: "x/y", q: "1 2" }, "GET", "/base/a/x%2Fy/b?q=1+2", undefined],
  ["get a", { m: { k: 1 } }, "GET", "/base/a?m=%7B%22k%22%3A1%7D", undefined],
  ["POST /a/{id}", { id: 5, n: 1 }, "POST", "/base/a/5", { n: 1 }],
  ["DELETE /a/{unknown}", {}, "DELETE", "/base/a/%7Bunknown%7D", {}],
  ["PUT /a?x=1", { n: 1 }, "PUT", "/base/a?x=1", { n: 1 }],
])("the action %s with the input %p becomes a request", async (action, input, method, url, body) => {
  await using api = peer(() => Response.json({}));
  const step = `{ name: s, connector: api, action: "${action}", input: ${JSON.stringify(input)} }`;
  await using server = await serve(withIntegration(local(`${api.url}/base/`), step));
  await run(server, "router", {});
  expect(api.asked).toMatchObject([{ method, url, body }]);
});

test.each(["..", ".", ""])("the value %p cannot be a segment of a path", async (id) => {
  await using api = peer(() => Response.json({}));
  const step = '{ name: s, connector: api, action: "GET /a/{id}/b", input: { id: "${id}" } }';
  await using server = await serve(withIntegration(local(api.url), step));
  expect(await failure(run(server, "", { id }))).toBe(
    `workflow execution failed: error executing step 's': "${id}" cannot be a segment of a path`,
  );
  expect(api.asked).toEqual([]);
});

test.each([
  ["", null, "application/json"],
  [", authType: bearer, token: abc", "Bearer abc", "application/json"],
  [", authType: basic, username: u, password: p", "Basic dTpw", "application/json"],
  [", headers: { Content-Type: text/x, Authorization: own }", "own", "text/x"],
])("with {%s} the credentials are %p", async (settings, authorization, type) => {
  await using api = peer(() => Response.json({}));
  await using server = await serve(
    withIntegration(local(api.url, settings), "{ name: s, connector: api, action: GET / }"),
  );
  await run(server, "", {});
  expect(api.asked[0]?.headers.get("authorization") ?? null).toBe(authorization);
  expect(api.asked[0]?.headers.get("content-type")).toBe(type);
});

test.each([
  ['{"a":1}', { a: 1, statusCode: 200 }],
  ["[1]", { raw: "[1]", statusCode: 200 }],
  ["text", { raw: "text", statusCode: 200 }],
  ["", { raw: "", statusCode: 200 }],
])("the answer %s gives the result %p", async (text, expected) => {
  await using api = peer(() => new Response(text));
  await using server = await serve(withIntegration(local(api.url), "{ name: s, connector: api, action: GET / }"));
  expect(await run(server, "", {})).toEqual({ s: expected });
});

const failing = "{ name: s, connector: api, action: GET /";

test("a status of 400 or more fails the step and the run", async () => {
  await using api = peer(() => new Response("secret", { status: 404 }));
  const steps = `${failing} }, { name: never, connector: api, action: GET /never }`;
  await using server = await serve(withIntegration(local(api.url), steps));
  expect(await failure(run(server, "", {}))).toBe(
    "workflow execution failed: error executing step 's': request returned error status: 404",
  );
  expect(api.asked).toHaveLength(1);
});

test("with onError the run goes on with the message of the failure", async () => {
  await using api = peer((_, count) => new Response("{}", { status: count === 1 ? 500 : 200 }));
  const steps = `${failing}, onError: continue }, { name: next, connector: api, action: GET /next }`;
  await using server = await serve(withIntegration(local(api.url), steps));
  expect(await run(server, "", {})).toEqual({
    s_error: "request returned error status: 500",
    next: { statusCode: 200 },
  });
});

test.each([
  ["", []],
  [", retryCount: 2", [1000, 1000]],
  [", retryCount: 1, retryDelay: 5s", [5000]],
])("with {%s} the waits between the attempts are %p ms", async (settings, waits) => {
  const clock = new SleepClock();
  await using api = peer(() => new Response("", { status: 500 }));
  await using server = await serve(withIntegration(local(api.url), `${failing}${settings} }`), { clock });
  const running = failure(run(server, "", {}));
  for (const [index, ms] of waits.entries()) {
    await clock.asleep(index + 1);
    expect(api.asked).toHaveLength(index + 1);
    await clock.advance(ms);
  }
  expect(await running).toContain("request returned error status: 500");
  expect(clock.sleeps).toEqual(waits);
  expect(api.asked).toHaveLength(waits.length + 1);
});

test.each([
  [", timeoutSeconds: 2", 2],
  ["", 30],
])("with {%s} an answer is waited for for %i s", async (settings, seconds) => {
  const clock = new ManualClock();
  await using api = peer(() => new Promise(() => {}));
  await using server = await serve(withIntegration(local(api.url, settings), `${failing} }`), { clock });
  const running = failure(run(server, "", {}));
  while (api.asked.length === 0) await clock.advance(0);
  await clock.advance(seconds * 1000 - 1);
  expect(clock.pendingTimers).toBe(1);
  await clock.advance(1);
  expect(await running).toBe(
    `workflow execution failed: error executing step 's': connector 'api' did not answer within ${seconds} s`,
  );
});

test.each([
  ["", []],
  [", requestsPerMinute: 30", [2000]],
])("with {%s} a second request waits %p ms", async (settings, waits) => {
  const clock = new SleepClock();
  await using api = peer(() => Response.json({}));
  const steps = `${failing} }, { name: next, connector: api, action: GET /next }`;
  await using server = await serve(withIntegration(local(api.url, settings), steps), { clock });
  const running = run(server, "", {});
  for (const ms of waits) {
    await clock.asleep(1);
    expect(api.asked).toHaveLength(1);
    await clock.advance(ms);
  }
  await running;
  expect(clock.sleeps).toEqual(waits);
  expect(api.asked).toHaveLength(2);
});

test.each([
  ["127.0.0.1", "127.0.0.1"],
  ["localhost", "(127.0.0.1|::1)"],
  ["[::1]", "::1"],
  ["169.254.169.254", "169.254.169.254"],
  ["[::ffff:10.0.0.1]", "::ffff:a00:1"],
])("without allowPrivateIPs the host %s is refused", async (host, address) => {
  const egress = new EgressPolicy();
  await using server = await serve(withIntegration(`{ baseURL: "http://${host}:1" }`, `${failing} }`), { egress });
  expect(await failure(run(server, "", {}))).toMatch(
    new RegExp(
      "^workflow execution failed: error executing step 's': SSRF protection: request to private/internal IP address " +
        `is not allowed: .* resolves to ${address}$`,
    ),
  );
});

test("redirects are followed on the same host only", async () => {
  await using api = peer(({ url }) => {
    if (url === "/here") return new Response(null, { status: 302, headers: { location: "/there" } });
    if (url.startsWith("/away"))
      return new Response(null, { status: 307, headers: { location: "http://example.org/x" } });
    if (url.startsWith("/round")) return new Response(null, { status: 308, headers: { location: "/round" } });
    return Response.json({ ok: true });
  });
  await using server = await serve(withIntegration(local(api.url)));
  const call = (action: string) => run(server, "", { connector: "api", action, n: 1 });
  expect(await call("POST /here")).toMatchObject({ "step-0": { ok: true } });
  expect(api.asked).toMatchObject([
    { method: "POST", url: "/here", body: { n: 1 } },
    { method: "GET", url: "/there", body: undefined },
  ]);
  expect(await failure(call("GET /away"))).toContain("redirect to another host is not followed: example.org");
  expect(await failure(call("GET /round"))).toContain("stopped after 10 redirects");
});

test("step events say what began, ended and failed", async () => {
  await using api = peer((_, count) => Response.json({ n: count }, { status: count === 2 ? 500 : 200 }));
  const steps = "{ name: good, connector: api, action: GET /a }, { name: bad, connector: api, action: GET /b }";
  await using server = await serve(withIntegration(local(api.url), steps), { clock: new ManualClock(0) });
  const events: unknown[] = [];
  server.services.events.subscribe({
    topic: "workflow.integration.step.*",
    onEvent: (topic, payload) => void events.push([topic, payload]),
  });
  await failure(run(server, "", {}));
  const fact = (stepName: string, action: string, status: string, more = {}) => [
    `workflow.integration.step.${stepName}.${status}`,
    {
      workflowType: "integration",
      stepName,
      connector: "api",
      action,
      status,
      timestamp: "1970-01-01T00:00:00.000Z",
      ...more,
    },
  ];
  expect(events).toEqual([
    fact("good", "GET /a", "started"),
    fact("good", "GET /a", "completed", { duration: 0, results: { n: 1, statusCode: 200 } }),
    fact("bad", "GET /b", "started"),
    fact("bad", "GET /b", "failed", { duration: 0, error: "request returned error status: 500" }),
  ]);
});

test.each([
  [{ connector: "api", action: "GET /x" }, "", ["step-0"]],
  [{ connector: "api" }, "router:GET /x", ["step-0"]],
  [
    {
      steps: [
        { connector: "api", action: "GET /x" },
        { name: "n", connector: "api", action: "GET /x" },
      ],
    },
    "router:ad",
    ["ad-0", "n"],
  ],
  [{}, "router:one", ["one"]],
  [{}, "router", ["one", "two"]],
])("a trigger with the data %p and the action %p runs %p", async (data, action, names) => {
  await using api = peer(() => Response.json({}));
  const steps = "{ name: one, connector: api, action: GET /one }, { name: two, connector: api, action: GET /two }";
  await using server = await serve(withIntegration(local(api.url), steps));
  const results = (await run(server, action, data)) ?? {};
  expect(Object.keys(results).filter((key) => !(key in data))).toEqual(names);
});

test("steps of a trigger have retries and onError too", async () => {
  const clock = new SleepClock();
  await using api = peer(() => new Response("", { status: 500 }));
  await using server = await serve(withIntegration(local(api.url)), { clock });
  const step = {
    name: "s",
    connector: "api",
    action: "GET /",
    retryCount: "1",
    retryDelay: "0s",
    onError: "go",
    input: { a: "${x}" },
  };
  const running = run(server, "", { x: "v", steps: [step] });
  await clock.asleep(1);
  await clock.advance(0);
  expect(await running).toMatchObject({ s_error: "request returned error status: 500" });
  expect(api.asked.map(({ url }) => url)).toEqual(["/?a=v", "/?a=v"]);
});

test.each([
  ["other", {}, "integration registry service 'other' not found"],
  ["router:none", {}, "no step of the integration begins with 'none'"],
  ["", { steps: [5] }, "a step must be a map"],
  ["", { steps: [{}] }, "connector not specified for step 'step-0'"],
  ["", { steps: [{ connector: "api" }] }, "action not specified for step 'step-0'"],
  ["", { steps: [{ connector: "x", action: "GET /" }] }, "connector 'x' not found for step 'step-0'"],
  ["", { steps: [{ connector: "api", action: "fetch" }] }, "invalid action format: fetch (expected 'METHOD /path')"],
  [
    "",
    { steps: [{ connector: "api", action: "GET /", retryCount: "many" }] },
    "'retryCount' must be a whole number that is not negative",
  ],
])("a trigger with the action %p and the data %p fails", async (action, data, message) => {
  const step = "{ name: one, connector: api, action: GET /one }";
  await using server = await serve(withIntegration("{ baseURL: http://localhost }", step));
  expect(await failure(run(server, action, data))).toBe(`workflow execution failed: ${message}`);
});

test("names such as __proto__ are only names", async () => {
  await using api = peer(() => Response.json({ ok: true }));
  const step = { name: "__proto__", connector: "api", action: "POST /", input: { a: "${__proto__.toString}" } };
  await using server = await serve(withIntegration(local(api.url)));
  const results = await run(server, "", { steps: [step] });
  expect(Object.getPrototypeOf(results)).toBe(Object.prototype);
  expect(api.asked[0]?.body).toEqual({ a: "${__proto__.toString}" });
});

const place = (connectors: string, steps = "") =>
  withServer(`
workflows:
  integration:
    registry: router
    connectors: [${connectors}]
    steps: [${steps}]
`);

const prefix = "12:18: failed to configure integration workflow: ";

test.each([
  [
    "{ name: c, type: ftp }",
    '12:35: workflows.integration.connectors[0].type: config field "type" must be one of http, rest, api, webhook, ' +
      'database, got "ftp"',
  ],
  ["{ name: c, type: rest }", `${prefix}baseURL not specified for HTTP connector 'c'`],
  [
    "{ name: c, type: api, config: { baseURL: 'ftp://x' } }",
    `${prefix}baseURL of HTTP connector 'c': "ftp://x" is not an http or https URL`,
  ],
  ["{ name: c, type: webhook }", `${prefix}path not specified for webhook connector 'c'`],
  ["{ name: c, type: database }", `${prefix}driver and dsn must be specified for database connector 'c'`],
  [
    "{ name: c, type: database, config: { driver: postgres, dsn: x } }",
    `${prefix}database connector 'c' cannot open driver 'postgres' by itself`,
  ],
  ["{ type: http }", '12:18: workflows.integration.connectors[0].name: required config field "name" is missing'],
  ["{ name: c }", '12:18: workflows.integration.connectors[0].type: required config field "type" is missing'],
  ["", '12:17: workflows.integration.connectors: config field "connectors" must not be empty'],
])("the connectors [%s] are refused", async (connectors, problem) => {
  expect((await check(place(connectors))).errors).toEqual([problem]);
});

test.each([
  [
    "{ connector: c, action: GET / }",
    '13:13: workflows.integration.steps[0].name: required config field "name" is missing',
  ],
  [
    "{ name: s, action: GET / }",
    '13:13: workflows.integration.steps[0].connector: required config field "connector" is missing',
  ],
  [
    "{ name: s, connector: c }",
    '13:13: workflows.integration.steps[0].action: required config field "action" is missing',
  ],
  [
    "{ name: s, connector: d, action: GET / }",
    "13:13: failed to configure integration workflow: connector 'd' not found for step 's'",
  ],
  [
    "{ name: s, connector: c, action: fetch }",
    "13:13: failed to configure integration workflow: invalid action format: fetch (expected 'METHOD /path')",
  ],
])("the steps [%s] are refused", async (steps, problem) => {
  const connectors = "{ name: c, type: http, config: { baseURL: http://localhost } }";
  expect((await check(place(connectors, steps))).errors).toEqual([problem]);
});

test("a registry is required, and two connectors cannot have one name", async () => {
  const connector = "{ name: c, type: http, config: { baseURL: http://localhost } }";
  const missing = await check(place(connector).replace("    registry: router\n", ""));
  expect(missing.errors).toEqual(['11:5: workflows.integration.registry: required config field "registry" is missing']);
  const twice = await check(place(`${connector}, ${connector}`));
  expect(twice.errors).toEqual([expect.stringContaining("connector 'c' is defined twice")]);
});

test("a registry that does not exist is a warning; one that keeps connectors gets them", async () => {
  const connector = "{ name: c, type: webhook, config: { path: /in, port: 0 } }";
  const missing = await check(place(connector).replace("registry: router", "registry: nowhere"));
  expect(missing).toEqual({
    errors: [],
    warnings: ["11:15: workflows.integration.registry: service 'nowhere' is not defined"],
  });
  const yaml = place(connector).replace("registry: router", "registry: catalog");
  await using server = await serve(
    yaml.replace("workflows:", "  - { name: catalog, type: workflow.registry }\nworkflows:"),
  );
  const registry = server.engine.current?.service("catalog") as unknown as ConnectorRegistry;
  expect(await registry.find("c")?.execute("anything", {}, new AbortController().signal)).toEqual({
    status: "webhook connectors do not support active execution",
  });
});
