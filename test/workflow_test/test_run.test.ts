import { describe, expect, test } from "bun:test";
import { failuresOf, lines } from "./run_tests.ts";

const order = `  order:
    steps:
      - name: parse
        type: step.set
        config: { values: { amount: "{{ .amount }}", at: "{{ now }}", id: "{{ uuid }}" } }
      - name: charge
        type: step.http_call
        retry: { max_attempts: 3, backoff: 10s }
        config: { url: "https://pay.example/charge", method: POST }
      - { name: done, type: step.log, config: { message: "charged {{ .steps.charge.id }}" } }
  outer:
    steps:
      - { name: call, type: step.workflow_call, config: { workflow: order, input: { amount: "7" } } }
`;

const paid = "steps: { charge: { output: { id: ch_1 } } }";

describe("what holds is no failure", () => {
  test.each<[string, string]>([
    ["the status", `pipeline: order\n${paid}\nexpect: { status: completed }`],
    ["the path", `pipeline: order\n${paid}\nexpect: { path: [parse, charge, done] }`],
    [
      "the paths of several pipelines",
      `pipeline: outer\n${paid}\nexpect: { path: { outer: [call], order: [parse, charge, done] } }`,
    ],
    [
      "an order of steps with others between them",
      `pipeline: outer\n${paid}\nexpect: { path_contains: [call, order.parse, done] }`,
    ],
    ["steps that do not run", `pipeline: order\n${paid}\nexpect: { not_executed: [call] }`],
    ["outputs", `pipeline: order\ninput: { amount: 5 }\n${paid}\nexpect: { outputs: { parse: { amount: "5" } } }`],
    ["the result", `pipeline: order\ninput: { amount: 5 }\n${paid}\nexpect: { result: { amount: "5", id: ch_1 } }`],
    ["the number of calls", `pipeline: outer\n${paid}\nexpect: { calls: { order.charge: 1, done: { $gte: 1 } } }`],
    ["the log", `pipeline: order\n${paid}\nexpect: { log: ["charged ch_1", /^charged/] }`],
    ["the error", `pipeline: order\nsteps: { charge: { error: no money } }\nexpect: { error: /charge.*no money/ }`],
    [
      "a replacement by its full name",
      `pipeline: outer\nsteps: { order.charge: { output: {} } }\nexpect: { status: completed }`,
    ],
  ])("%s", async (_, written) => {
    expect(await failuresOf(order, written)).toEqual([]);
  });
});

describe("what does not hold is told with its place", () => {
  test.each<[string, string, readonly string[]]>([
    ["status", `pipeline: order\n${paid}\nexpect: { status: failed }`, ["6:23 status: expected failed, got completed"]],
    [
      "a failure that nobody expects",
      "pipeline: order\nsteps: { charge: { error: no money } }\nexpect: { calls: { charge: 3 } }",
      ['3:5 status: expected completed, got failed: step "charge" failed: no money'],
    ],
    [
      "path",
      `pipeline: order\n${paid}\nexpect: { path: [parse, done] }`,
      ["6:29 path.1: expected [parse, done], got [parse, charge, done]"],
    ],
    [
      "a path that goes on",
      `pipeline: order\n${paid}\nexpect: { path: [parse] }`,
      ["6:21 path.1: expected [parse], got [parse, charge, done]"],
    ],
    [
      "path_contains",
      `pipeline: order\n${paid}\nexpect: { path_contains: [done, parse] }`,
      ["6:37 path_contains: expected [done, parse] in this order, got [parse, charge, done]"],
    ],
    [
      "not_executed",
      `pipeline: order\n${paid}\nexpect: { not_executed: [charge] }`,
      ["6:30 not_executed: expected no call of charge, got 1"],
    ],
    [
      "outputs",
      `pipeline: order\n${paid}\nexpect: { outputs: { charge: { id: ch_2 } } }`,
      ['6:40 outputs.charge.id: expected "ch_2", got "ch_1"'],
    ],
    [
      "the output of a step that did not run",
      `pipeline: order\n${paid}\nexpect: { outputs: { call: {} } }`,
      ["6:26 outputs.call: expected {}, got the step did not run"],
    ],
    ["calls", `pipeline: order\n${paid}\nexpect: { calls: { charge: 2 } }`, ["6:32 calls.charge: expected 2, got 1"]],
    [
      "log",
      `pipeline: order\n${paid}\nexpect: { log: refunded }`,
      ['6:20 log: expected refunded, got ["charged ch_1","Pipeline completed"]'],
    ],
    [
      "an error where there is none",
      `pipeline: order\n${paid}\nexpect: { error: no money }`,
      ["6:22 error: expected no money, got no error"],
    ],
    [
      "an answer where there is none",
      `pipeline: order\n${paid}\nexpect: { response: { status: 200 } }`,
      ["6:25 response: expected an answer, got nothing"],
    ],
  ])("%s", async (_, written, failures) => {
    expect(await failuresOf(order, written)).toEqual([...failures]);
  });
});

describe("a name that the configuration does not have is a problem", () => {
  test.each<[string, readonly string[]]>([
    ["pipeline: ordr\nexpect: golden", ['4:15 the configuration has no pipeline "ordr" (did you mean "order"?)']],
    [
      "pipeline: order\nsteps: { chrge: { output: {} } }\nexpect: golden",
      ['5:14 the configuration has no step "chrge" (did you mean "charge"?)'],
    ],
    [
      "pipeline: order\nexpect: { path: [pars], calls: { doen: 1 }, not_executed: [call] }",
      [
        '5:22 the configuration has no step "pars" (did you mean "parse"?)',
        '5:38 the configuration has no step "doen" (did you mean "done"?)',
      ],
    ],
    [
      "pipeline: order\nexpect: { path: { outr: [call] } }",
      ['5:23 the configuration has no pipeline "outr" (did you mean "outer"?)'],
    ],
    [
      "pipeline: order\nsteps: { charge: { output: {}, next: dne } }\nexpect: golden",
      ['5:42 the configuration has no step "dne" (did you mean "done"?)'],
    ],
  ])("%j", async (written, problems) => {
    expect(await failuresOf(order, written)).toEqual([...problems]);
  });
});

describe("replaced steps", () => {
  test("fail and then succeed, call by call, and are tried again by their own rule", async () => {
    const steps = "steps: { charge: [{ error: busy, times: 2 }, { output: { id: ch_3 } }] }";
    const expected = "expect: { path: [parse, charge, done], calls: { charge: 3 }, outputs: { charge: { id: ch_3 } } }";
    expect(await failuresOf(order, `pipeline: order\n${steps}\n${expected}`)).toEqual([]);
  });

  test("give one output per call, and refuse a call beyond", async () => {
    const twice =
      "  twice:\n    steps:\n" +
      ["a", "b"]
        .map((name) => `      - { name: ${name}, type: step.workflow_call, config: { workflow: one } }\n`)
        .join("") +
      "  one:\n    steps: [{ name: get, type: step.set, config: { values: { n: 0 } } }]\n";
    const both =
      "pipeline: twice\nsteps: { get: { outputs: [{ n: 1 }, { n: 2 }] } }\nexpect: { outputs: { get: { n: 2 } } }";
    expect(await failuresOf(twice, both)).toEqual([]);
    const one = "pipeline: twice\nsteps: { get: { outputs: [{ n: 1 }] } }\nexpect: { status: failed }";
    expect(await failuresOf(twice, one)).toEqual([
      '3:5 steps: expected nothing outside the test, got step "get" was called 2 times and has 1 outputs',
    ]);
  });

  test("run really once their replies are used up", async () => {
    const set = lines(
      "  a:",
      "    on_error: skip",
      "    steps:",
      "      - { name: x, type: step.set, retry: { max_attempts: 2 }, config: { values: { is: real } } }",
      "",
    );
    const written =
      "pipeline: a\nsteps: { x: { error: once, times: 1 } }\nexpect: { calls: { x: 2 }, outputs: { x: { is: real } } }";
    expect(await failuresOf(set, written)).toEqual([]);
  });

  test("may stand inside other steps, and then are not on the path", async () => {
    const loop = `  a:
    steps:
      - name: each
        type: step.foreach
        config: { collection: items, step: { name: send, type: step.http_call, url: "https://mail.example" } }
`;
    const written = lines(
      "pipeline: a",
      "input: { items: [1, 2] }",
      "steps: { send: { output: {} } }",
      "expect: { path: [each], calls: { send: 2 } }",
    );
    expect(await failuresOf(loop, written)).toEqual([]);
  });

  test("send the run where they say", async () => {
    const steps = "steps: { parse: { output: {}, next: done } }";
    expect(await failuresOf(order, `pipeline: order\n${steps}\nexpect: { path: [parse, done] }`)).toEqual([]);
  });

  test("carry the code of their error to the client", async () => {
    const http = `modules:
  - { name: server, type: http.server }
  - { name: router, type: http.router, dependsOn: [server] }
pipelines:
  a:
    trigger: { type: http, config: { method: GET, path: /a } }
    steps: [{ name: x, type: step.set, config: { values: { a: 1 } } }]
`;
    const written = lines(
      "request: { path: /a }",
      "steps: { x: { error: { message: slow down, code: http.rate_limited } } }",
      "expect: { response: { status: 429 } }",
    );
    expect(await failuresOf(http, written)).toEqual([]);
  });
});

describe("time", () => {
  test("is what `now` says, and jumps over sleeps and pauses", async () => {
    const sleepy = `  a:
    steps:
      - { name: rest, type: step.sleep, config: { duration: 720h } }
      - name: try
        type: step.set
        retry: { max_attempts: 2, backoff: 1h, max_backoff: 1h }
        config: { values: { at: "{{ now }}" } }
`;
    const written = `pipeline: a
now: "2026-03-01T09:00:00Z"
steps: { try: { error: once, times: 1 } }
expect: { outputs: { rest: { woke_at: "2026-03-31T09:00:00Z" }, try: { at: "2026-03-31T10:00:00Z" } } }`;
    expect(await failuresOf(sleepy, written)).toEqual([]);
  });

  test("runs into the time limits of steps and pipelines", async () => {
    const slow = `  a:
    timeout: 5s
    steps: [{ name: x, type: step.set, timeout: 2s, on_error: skip, config: { values: { a: 1 } } }]
`;
    const late = "pipeline: a\nsteps: { x: { output: {}, delay: 3s } }\nexpect: { result: { _skipped: true } }";
    expect(await failuresOf(slow, late)).toEqual([]);
    const inTime = "pipeline: a\nsteps: { x: { output: { a: 2 }, delay: 1s } }\nexpect: { result: { a: 2 } }";
    expect(await failuresOf(slow, inTime)).toEqual([]);
  });

  test("does not start schedules", async () => {
    const scheduled = `  a:
    trigger: { type: schedule, config: { cron: "* * * * *" } }
    steps: [{ name: tick, type: step.log, config: { message: tick } }]
  b:
    steps: [{ name: rest, type: step.sleep, config: { duration: 2h } }]
`;
    expect(await failuresOf(scheduled, "pipeline: b\nexpect: { status: completed, calls: { tick: 0 } }")).toEqual([]);
  });
});

describe("signals", () => {
  const waiting = `  a:
    steps:
      - { name: wait, type: step.wait_for_signal, config: { signal: go, timeout: 2h, on_timeout: late } }
      - { name: went, type: step.set, config: { values: { by: "{{ .steps.wait.payload.by }}" } } }
      - { name: late, type: step.set, config: { values: { end: yes } } }
`;
  test.each<[string, string, string]>([
    ["come as soon as a run waits for them", "signals: [{ name: go, payload: { by: Ann } }]", "[wait, went, late]"],
    [
      "come when their time has come",
      "signals: [{ name: go, payload: { by: Ann }, after: 1h59m }]",
      "[wait, went, late]",
    ],
    ["come too late", "signals: [{ name: go, after: 3h }]", "[wait, late]"],
    ["do not come", "", "[wait, late]"],
  ])("%s", async (_, signals, path) => {
    expect(await failuresOf(waiting, `pipeline: a\n${signals}\nexpect: { path: ${path} }`)).toEqual([]);
  });

  test("fail the test when no run waits for them", async () => {
    const signals = "signals: [{ name: stop }]";
    expect(await failuresOf(waiting, `pipeline: a\n${signals}\nexpect: { path: [wait, late] }`)).toEqual([
      "5:23 signals.stop: expected a run that waits for it, got none did",
    ]);
  });

  test("leave a run that nobody wakes where it is", async () => {
    const endless = waiting.replace(", timeout: 2h, on_timeout: late", "");
    expect(await failuresOf(endless, "pipeline: a\nexpect: { status: waiting, path: [wait] }")).toEqual([]);
  });
});

describe("steps that reach outside", () => {
  test("fail the test, also where the run goes on without them", async () => {
    const skipping = order.replace("retry:", "on_error: skip\n        retry:");
    expect(await failuresOf(skipping, "pipeline: order\nexpect: { status: completed }")).toEqual([
      '3:5 steps: expected nothing outside the test, got step "charge" of pipeline "order" reaches outside; ' +
        "replace it under `steps:` or set `allow_effects: true`",
    ]);
  });

  test("run where the test allows it", async () => {
    using server = Bun.serve({ port: 0, fetch: () => Response.json({ charged: true }) });
    const local = order.replace("https://pay.example/charge", `http://localhost:${server.port}/charge`);
    const written =
      "pipeline: order\nallow_effects: true\nexpect: { outputs: { charge: { body: { charged: true } } } }";
    expect(await failuresOf(local, written)).toEqual([]);
  });

  test.each<[string, string, string, readonly string[]]>([
    ["a database in memory", "{ driver: sqlite, dsn: ':memory:' }", "database.workflow", []],
    ["a database in a file", "{ driver: sqlite, dsn: 'shop.db' }", "database.workflow", ["outside"]],
  ])("%s", async (_, settings, type, failures) => {
    const config = `modules: [{ name: db, type: ${type}, config: ${settings} }]
pipelines:
  a:
    steps: [{ name: x, type: step.db_exec, config: { database: db, query: "CREATE TABLE t (a)" } }]
`;
    const found = await failuresOf(config, "pipeline: a\nexpect: { calls: { x: 1 } }");
    expect(found.filter((text) => text.includes("reaches outside")).length > 0).toBe(failures.length > 0);
  });
});

test("variables are those of the test and no others", async () => {
  const config = lines(
    `  a:`,
    "    steps:",
    "      - { name: x, type: step.set, config: { values: { key: '${STRIPE_KEY:-none}', path: '${PATH:-none}' } } }",
    ``,
  );
  const written =
    "pipeline: a\nenvironment: { STRIPE_KEY: test }\nexpect: { outputs: { x: { key: test, path: none } } }";
  expect(await failuresOf(config, written)).toEqual([]);
});

test("a test that waits for something real for too long is ended", async () => {
  using server = Bun.serve({ port: 0, fetch: () => Promise.withResolvers<Response>().promise });
  const config = lines(
    `  a:`,
    `    steps: [{ name: x, type: step.http_call, config: { url: "http://localhost:${server.port}" } }]`,
    ``,
  );
  const written = "pipeline: a\nallow_effects: true\ntimeout: 100ms\nexpect: { status: completed }";
  expect(await failuresOf(config, written)).toEqual([
    "3:5 the test did not end within 100ms " +
      "(replace steps that wait for something real, or allow more time with `timeout`)",
  ]);
});

test("a configuration that is not sound fails the test with its own places", async () => {
  const [failure] = await failuresOf(
    "  a:\n    steps: [{ name: x, type: step.sett }]\n",
    "pipeline: a\nexpect: golden",
  );
  expect(failure).toBe(
    '3:30 pipeline "a": step "x" (type step.sett): unknown step type: step.sett (did you mean "step.set"?)',
  );
});
