import { expect, test } from "bun:test";
import { check, serve, withServer } from "../../../harness/server.ts";

const waiting = (config: string, more = "") =>
  withServer(`
pipelines:
  approval:
    trigger: { type: http, config: { path: /requests, method: POST${more} } }
    steps:
      - { name: wait, type: step.wait_for_signal, config: ${config} }
      - { name: say, type: step.log, config: { message: "{{ .signal }} by {{ .payload.by }}, late {{ .timed_out }}" } }
`);

test("the name of the signal may be a template, and its payload is the output", async () => {
  await using server = await serve(waiting('{ signal: "approve-{{ .body.id }}" }'));
  const answer = await server.post("/requests", { id: 7 });
  expect(answer.status).toBe(202);
  const id = answer.headers.get("location")?.split("/").at(-1) ?? "";
  const other = await server.manage(`/api/v1/executions/${id}/signals/approve-8`, { method: "POST", body: "{}" });
  expect(other.status).toBe(202);
  await server.manage(`/api/v1/executions/${id}/signals/approve-7`, { method: "POST", body: '{"by":"Ann"}' });
  await server.logged("approve-7 by Ann, late false");
});

test("two signals at once wake the run once", async () => {
  await using server = await serve(waiting("{ signal: go }"));
  const answer = await server.post("/requests", {});
  const id = answer.headers.get("location")?.split("/").at(-1) ?? "";
  const send = (by: string) =>
    server.manage(`/api/v1/executions/${id}/signals/go`, { method: "POST", body: JSON.stringify({ by }) });
  const [first, second] = await Promise.all([send("Ann"), send("Bob")]);
  expect(first.status).toBe(202);
  // The second may come after the end of the run.
  expect([202, 409]).toContain(second.status);
  await server.logged("Pipeline completed");
  expect(server.records.filter(({ message }) => message.startsWith("go by"))).toHaveLength(1);
});

test("without a step for it, a wait that takes too long fails the run with 504", async () => {
  await using server = await serve(waiting("{ signal: go, timeout: 10ms }", ", async: true"));
  await server.post("/requests", {});
  const record = await server.logged("Asynchronous run failed");
  expect(String(record.attributes.error)).toContain('wait_for_signal step "wait": no signal "go" came in time');
});

test("a timeout that is no duration and a target that does not exist are told at load", async () => {
  const { errors, warnings } = await check(waiting("{ signal: go, timeout: soon, on_timeout: nowhere }"));
  expect([...errors, ...warnings].join("\n")).toContain("timeout");
});
