import { expect, test } from "bun:test";
import { ManualClock } from "../harness/manual_clock.ts";
import { check, serve, type TestServer, withServer } from "../harness/server.ts";

/** Pipelines below `POST /p`: `p` is what stands in `steps`, `more` its other keys. */
function pipeline(steps: readonly string[], more: readonly string[] = []): string {
  return withServer(`
pipelines:
  p:
    trigger: { type: http, config: { method: POST, path: /p } }
${more.map((line) => `    ${line}`).join("\n")}
    steps:
${steps.map((step) => `      - ${step}`).join("\n")}
`);
}

const trace = (name: string, rest = "") =>
  `{ name: ${name}, type: step.log, config: { message: "ran ${name}" }${rest} }`;
const fail = (name: string, rest = "") =>
  `{ name: ${name}, type: step.validate, config: { required_fields: [zz] }${rest} }`;
const route = (name: string, target: string) =>
  `{ name: ${name}, type: step.conditional, config: { field: method, routes: { POST: ${target} } } }`;
const answer = (body: string) => `{ name: answer, type: step.json_response, config: { body: ${body} } }`;

/** A step that waits for the clock until it is cancelled: a retry whose sub-step always fails. */
const wait = (name: string, duration: string, rest = "") =>
  `{ name: ${name}, type: step.retry_with_backoff, config: { max_retries: 1, initial_delay: ${duration}, ` +
  `max_delay: ${duration}, step: { type: step.validate, required_fields: [zz] } }${rest} }`;

const develop = { isDevelopment: true };

function traces(server: TestServer): string[] {
  return server.records.map(({ message }) => message).filter((message) => message.startsWith("ran "));
}

async function errorOf(reply: Response): Promise<string> {
  return ((await reply.json()) as { error: string }).error;
}

test("a pipeline without steps succeeds at once", async () => {
  await using server = await serve(withServer("pipelines: { p: { trigger: { type: http, config: { path: /p } } } }"));
  expect((await server.post("/p")).status).toBe(202);
});

test("a jump goes on at its target and runs on through what follows", async () => {
  await using server = await serve(pipeline([route("go", "b"), trace("a"), trace("b"), trace("c")]));
  await server.post("/p");
  expect(traces(server)).toEqual(["ran b", "ran c"]);
});

test("of steps with one name the last is the target, and its output replaces the others'", async () => {
  const set = (value: string) => `{ name: x, type: step.set, config: { values: { v: ${value} } } }`;
  await using server = await serve(
    pipeline([route("go", "x"), set("first"), set("second"), answer('{ v: "{{ .steps.x.v }}" }')]),
  );
  expect(await (await server.post("/p")).json()).toEqual({ v: "second" });
});

test("a jump may go back: steps run again and see what ran before", async () => {
  const steps = [
    "{ name: grow, type: step.set, config: { values: { s: '{{ .s | default `-` }}x' } } }",
    "{ name: again, type: step.conditional, config: { field: s, routes: { -xxx: answer }, default: grow } }",
    answer('{ s: "{{ .s }}" }'),
  ];
  await using server = await serve(pipeline(steps));
  expect(await (await server.post("/p")).json()).toEqual({ s: "-xxx" });
});

test("a jump to a step that does not exist fails the run, whatever the strategy", async () => {
  await using server = await serve(pipeline([route("go", "nowhere"), trace("a")], ["on_error: skip"]), develop);
  const reply = await server.post("/p");
  expect([reply.status, await errorOf(reply)]).toEqual([
    500,
    'workflow execution failed: pipeline "p" execution failed: step "go" routed to unknown step "nowhere"',
  ]);
});

test("a run of more than 10 000 steps is taken for endless", async () => {
  await using server = await serve(pipeline([route("a", "b"), route("b", "a")]), develop);
  const reply = await server.post("/p");
  expect([reply.status, await errorOf(reply)]).toEqual([
    500,
    'workflow execution failed: pipeline "p" execution failed: pipeline "p" executed more than 10000 steps; ' +
      'the last was "a"',
  ]);
});

test("with stop the first failure ends the run", async () => {
  await using server = await serve(pipeline([fail("bad"), trace("a")], ["on_error: stop"]), develop);
  expect(await errorOf(await server.post("/p"))).toBe(
    'workflow execution failed: pipeline "p" execution failed: step "bad" failed: validate step "bad": ' +
      "missing required fields: zz",
  );
  expect(traces(server)).toEqual([]);
});

test("with skip the run goes on, and the failure is the step's output", async () => {
  await using server = await serve(
    pipeline(
      [
        fail("bad"),
        answer("{ e: { _from: steps.bad._error }, s: { _from: steps.bad._skipped }, top: { _from: _error } }"),
      ],
      ["on_error: skip"],
    ),
  );
  const error = 'validate step "bad": missing required fields: zz';
  expect(await (await server.post("/p")).json()).toEqual({ e: error, s: true, top: error });
  expect((await server.logged("Skipping failed step")).attributes).toMatchObject({ step: "bad", pipeline: "p" });
});

test("with compensate the compensation runs in reverse order, and the run has failed all the same", async () => {
  const compensation = [trace("undo-a"), trace("undo-b")].map((step) => `  - ${step}`);
  await using server = await serve(
    pipeline([trace("a"), fail("bad")], ["on_error: compensate", "compensation:", ...compensation]),
    develop,
  );
  const reply = await server.post("/p");
  expect([reply.status, await errorOf(reply)]).toEqual([
    400,
    'workflow execution failed: pipeline "p" execution failed: step "bad" failed: ' +
      'validate step "bad": missing required fields: zz (compensation executed)',
  ]);
  expect(traces(server)).toEqual(["ran a", "ran undo-b", "ran undo-a"]);
});

test("a compensation step that fails does not keep the others from running; the first failure is told", async () => {
  const undo = (name: string) => `  - { name: ${name}, type: step.validate, config: { required_fields: [${name}] } }`;
  await using server = await serve(
    pipeline([fail("bad")], ["on_error: compensate", "compensation:", `  - ${trace("undo")}`, undo("x"), undo("y")]),
    develop,
  );
  expect(await errorOf(await server.post("/p"))).toEndWith(
    'missing required fields: zz (compensation also failed: validate step "y": missing required fields: y)',
  );
  expect(traces(server)).toEqual(["ran undo"]);
});

test("compensate without compensation says so too", async () => {
  await using server = await serve(pipeline([fail("bad")], ["on_error: compensate"]), develop);
  expect(await errorOf(await server.post("/p"))).toEndWith("missing required fields: zz (compensation executed)");
});

test("a step's own on_error goes before the pipeline's", async () => {
  await using server = await serve(
    pipeline(
      [fail("one", ", on_error: skip"), trace("a"), fail("two", ", on_error: stop"), trace("b")],
      ["on_error: skip"],
    ),
  );
  expect((await server.post("/p")).status).toBe(400);
  expect(traces(server)).toEqual(["ran a"]);
});

test("an unknown strategy means stop and is a warning", async () => {
  const yaml = pipeline([fail("bad")], ["on_error: retry"]);
  expect((await check(yaml)).warnings).toContain(
    '12:15: pipelines.p.on_error: must be stop, skip or compensate, got "retry"; stop is used',
  );
  await using server = await serve(yaml);
  expect((await server.post("/p")).status).toBe(400);
});

const conditions: readonly [condition: string, ran: boolean][] = [
  ["'{{ .body.go }}'", true],
  ["'{{ eq .body.n 1 }}'", true],
  ["'{{ eq .body.n 2 }}'", false],
  ["'{{ .body.missing }}'", false],
  ["'{{ .body.zero }}'", false],
  ["'{{ .body.empty }}'", false],
  [".body.list", false],
  ["body.go", true],
];

test.each(conditions)("a step with if: %s runs: %p", async (condition, ran) => {
  await using server = await serve(pipeline([trace("a", `, if: ${condition}`)]));
  await server.post("/p", { go: true, n: 1, zero: 0, empty: "", list: [] });
  expect(traces(server)).toEqual(ran ? ["ran a"] : []);
});

test("a step that is left out has an output that says so, and leaves the values as they are", async () => {
  await using server = await serve(
    pipeline([trace("a", ", if: .body.go"), answer("{ s: { _from: steps.a._skipped }, top: { _from: _skipped } }")]),
  );
  expect(await (await server.post("/p", {})).json()).toEqual({ s: true, top: null });
});

test("a condition that cannot be evaluated is a failure of its step", async () => {
  await using server = await serve(
    pipeline([trace("a", ", if: '{{ .missing.x }}', on_error: skip"), answer("{ e: { _from: steps.a._error } }")]),
  );
  const { e } = (await (await server.post("/p", {})).json()) as { e: string };
  expect(e).toStartWith("template exec error: ");
});

test("a pipeline's timeout ends the wait of its steps with 504", async () => {
  const clock = new ManualClock();
  await using server = await serve(pipeline([wait("slow", "1h"), trace("a")], ["timeout: 2s"]), { ...develop, clock });
  const pending = server.post("/p");
  while (clock.pendingTimers < 2) await clock.advance(0);
  await clock.advance(1999);
  expect(clock.pendingTimers).toBe(2);
  await clock.advance(1);
  const reply = await pending;
  expect([reply.status, await errorOf(reply)]).toEqual([
    504,
    'workflow execution failed: pipeline "p" execution failed: step "slow" failed: ' +
      'retry_with_backoff step "slow": context cancelled after 1 attempts: context deadline exceeded',
  ]);
  expect(clock.pendingTimers).toBe(0);
});

test("a run whose time is over ends before its next step, and no strategy applies", async () => {
  const clock = new ManualClock();
  await using server = await serve(pipeline([wait("slow", "1h", ", on_error: skip"), trace("a")], ["timeout: 2s"]), {
    ...develop,
    clock,
  });
  const pending = server.post("/p");
  while (clock.pendingTimers < 2) await clock.advance(0);
  await clock.advance(2000);
  const reply = await pending;
  expect([reply.status, await errorOf(reply)]).toEqual([
    504,
    'workflow execution failed: pipeline "p" execution failed: pipeline "p" cancelled: context deadline exceeded',
  ]);
  expect(traces(server)).toEqual([]);
});

test("an unreadable timeout of the pipeline is refused", async () => {
  const { errors } = await check(pipeline([trace("a")], ["timeout: soon"]));
  expect(errors).toHaveLength(1);
  expect(errors[0]).toStartWith('12:14: pipeline "p": invalid timeout "soon": ');
});

test("a step's timeout is a failure of that step", async () => {
  const clock = new ManualClock();
  await using server = await serve(
    pipeline([wait("slow", "1h", ", timeout: 1500ms, on_error: skip"), answer("{ e: { _from: steps.slow._error } }")]),
    { clock },
  );
  const pending = server.post("/p");
  while (clock.pendingTimers < 2) await clock.advance(0);
  await clock.advance(1500);
  expect(await (await pending).json()).toEqual({ e: 'step "slow" took longer than 1500 ms' });
  expect(clock.pendingTimers).toBe(0);
});

test("a step's timeout reaches into the iterations of a loop", async () => {
  const clock = new ManualClock();
  const sub =
    "{ type: step.retry_with_backoff, initial_delay: 1h, max_delay: 1h, step: { type: step.validate, " +
    "required_fields: [zz] } }";
  const loop = `{ name: loop, type: step.foreach, timeout: 1s, config: { collection: body.l, step: ${sub} } }`;
  await using server = await serve(pipeline([loop]), { clock });
  const pending = server.post("/p", { l: [1, 2] });
  while (clock.pendingTimers < 2) await clock.advance(0);
  await clock.advance(1000);
  expect((await pending).status).toBe(504);
  // Nothing of the loop goes on behind the answer.
  await clock.advance(0);
  expect(clock.pendingTimers).toBe(0);
});

test("a step with retry is tried again, with pauses that double up to the maximum", async () => {
  const clock = new ManualClock();
  await using server = await serve(
    pipeline([fail("bad", ", retry: { max_attempts: 4, backoff: 1s, max_backoff: 3s }")]),
    { clock },
  );
  const pending = server.post("/p");
  const taken: number[] = [];
  for (const pause of [1000, 2000, 3000]) {
    while (clock.pendingTimers === 0) await clock.advance(0);
    await clock.advance(pause - 1);
    if (clock.pendingTimers === 1) taken.push(pause);
    await clock.advance(1);
  }
  expect(taken).toEqual([1000, 2000, 3000]);
  expect((await pending).status).toBe(400);
});

test("a client that goes away cancels the run", async () => {
  const clock = new ManualClock();
  await using server = await serve(pipeline([wait("slow", "1h", ", on_error: skip"), trace("a")]), { clock });
  const client = new AbortController();
  const pending = server.fetch("/p", { method: "POST", signal: client.signal });
  pending.catch((error: unknown) => error);
  while (clock.pendingTimers === 0) await clock.advance(0);
  client.abort();
  const record = await server.logged(/^Failed to execute workflow/);
  expect(record.message).toEndWith('pipeline "p" cancelled: context canceled');
  expect([traces(server), clock.pendingTimers]).toEqual([[], 0]);
});

test("two hundred runs at once do not see each other", async () => {
  const upstream = Bun.serve({ port: 0, fetch: async (request) => Response.json({ echo: await request.text() }) });
  const call =
    `{ name: call, type: step.http_call, config: { url: "http://localhost:${upstream.port}", ` +
    `method: POST, body: { n: "{{ .body.n }}" } } }`;
  const set = '{ name: set, type: step.set, config: { values: { own: "{{ .body.n }}/{{ .n }}" } } }';
  await using server = await serve(
    pipeline([set, call, answer('{ own: "{{ .own }}", n: { _from: body }, t: { _from: steps.set.own } }')]),
  );
  const answers = await Promise.all(
    Array.from({ length: 200 }, async (_, n) => (await server.post(`/p?n=q${n}`, { n })).json()),
  );
  expect(answers).toEqual(
    Array.from({ length: 200 }, (_, n) => ({ own: `${n}/q${n}`, n: { echo: `{"n":"${n}"}` }, t: `${n}/q${n}` })),
  );
  await upstream.stop(true);
});

test("a step named __proto__ does not hide the outputs of others", async () => {
  const set = (name: string) => `{ name: ${name}, type: step.set, config: { values: { v: ${name} } } }`;
  await using server = await serve(
    pipeline([set("before"), set("__proto__"), answer("{ v: { _from: steps.before.v } }")]),
  );
  expect(await (await server.post("/p")).json()).toEqual({ v: "before" });
});
