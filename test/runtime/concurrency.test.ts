import { expect, test } from "bun:test";
import { check, serve, withServer } from "../harness/server.ts";

const limited = (rule: string, more = "") =>
  withServer(`
pipelines:
  work:
    concurrency: ${rule}
    trigger: { type: http, config: { path: /work, method: POST${more} } }
    steps:
      - { name: begin, type: step.log, config: { message: "begin {{ .body.id }}" } }
      - { name: wait, type: step.sleep, config: { duration: 40ms } }
      - { name: end, type: step.log, config: { message: "end {{ .body.id }}" } }
`);

const steps = (records: readonly { readonly message: string }[]) =>
  records.map(({ message }) => message).filter((message) => /^(begin|end) /.test(message));

test("with a limit of one, runs follow each other in their order", async () => {
  await using server = await serve(limited("{ limit: 1 }"));
  await Promise.all([1, 2, 3].map((id) => server.post("/work", { id })));
  const seen = steps(server.records);
  expect(seen).toHaveLength(6);
  for (const [index, text] of seen.entries()) {
    // Whichever came first, it ends before the next one begins.
    if (index % 2 === 1) expect(text).toBe((seen[index - 1] ?? "").replace("begin", "end"));
  }
});

test("asynchronous runs wait in the journal for their turn", async () => {
  await using server = await serve(limited("{ limit: 1 }", ", async: true"));
  for (const id of [1, 2, 3]) expect((await server.post("/work", { id })).status).toBe(202);
  await server.logged("end 3");
  expect(steps(server.records)).toEqual(["begin 1", "end 1", "begin 2", "end 2", "begin 3", "end 3"]);
});

test("runs with other keys do not wait", async () => {
  await using server = await serve(limited('{ limit: 1, key: "{{ .body.id }}" }'));
  await Promise.all([1, 2].map((id) => server.post("/work", { id })));
  expect(steps(server.records).slice(0, 2).sort()).toEqual(["begin 1", "begin 2"]);
});

test("a run beyond the limit is refused with 429 when the rule says so", async () => {
  await using server = await serve(limited("{ limit: 1, on_excess: reject }"));
  const first = server.post("/work", { id: 1 });
  await server.logged("begin 1");
  const second = await server.post("/work", { id: 2 });
  expect(second.status).toBe(429);
  expect(second.headers.get("retry-after")).toBe("1");
  expect((await first).status).toBe(202);
});

test("a newer run takes the place of the one under way when the rule says so", async () => {
  await using server = await serve(limited("{ limit: 1, on_excess: replace }"));
  const first = server.post("/work", { id: 1 });
  await server.logged("begin 1");
  await server.post("/work", { id: 2 });
  expect((await first).status).toBe(499);
  expect(steps(server.records)).toEqual(["begin 1", "begin 2", "end 2"]);
});

test.each([
  ["{ limit: 0 }", "pipelines.work.concurrency.limit: must be a whole number from 1"],
  ["{ key: a }", "pipelines.work.concurrency.limit: must be a whole number from 1"],
  ["{ limit: 1, on_excess: drop }", 'on_excess: must be one of queue, reject, replace, got "drop"'],
])("a rule %s is refused", async (rule, text) => {
  const { errors } = await check(limited(rule));
  expect(errors.join("\n")).toContain(text);
});
