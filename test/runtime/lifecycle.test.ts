import { expect, test } from "bun:test";
import { serve, type TestServer, withServer } from "../harness/server.ts";

const yaml = withServer(`
pipelines:
  p:
    trigger: { type: http, config: { method: POST, path: /p } }
    steps:
      - { name: check, type: step.validate, config: { required_fields: [body] } }
`);

interface Event {
  readonly topic: string;
  readonly payload: Record<string, unknown>;
}

function listen(server: TestServer, topic: string): Event[] {
  const events: Event[] = [];
  server.services.events.subscribe({
    topic,
    onEvent: (name, payload) => void events.push({ topic: name, payload: payload as Record<string, unknown> }),
  });
  return events;
}

test("a run that succeeds is told as started and completed, by name and for all workflows", async () => {
  await using server = await serve(yaml);
  const events = listen(server, "workflow.**");
  await server.post("/p", { a: 1 });
  expect(events.map(({ topic }) => topic)).toEqual([
    "workflow.pipeline:p.started",
    "workflow.started",
    "workflow.pipeline:p.completed",
    "workflow.completed",
  ]);
  const data = { method: "POST", path: "/p", body: { a: 1 } };
  expect(events[0]?.payload).toEqual({
    workflowType: "pipeline:p",
    action: "execute",
    status: "started",
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    data,
  });
  expect(events[2]?.payload).toMatchObject({ status: "completed", duration: expect.any(Number), results: data });
});

test("a run that fails is told with its error", async () => {
  await using server = await serve(yaml);
  const events = listen(server, "workflow.failed");
  await server.post("/p");
  expect(events).toHaveLength(1);
  expect(events[0]?.payload).toMatchObject({
    workflowType: "pipeline:p",
    status: "failed",
    error: 'pipeline "p" execution failed: step "check" failed: validate step "check": missing required fields: body',
  });
});

test("runs are counted by workflow, action and outcome", async () => {
  await using server = await serve(yaml);
  await server.post("/p", { a: 1 });
  await server.post("/p");
  const text = await server.services.metrics.expose();
  const counts = text.split("\n").filter((line) => line.startsWith("workflow_executions_total{"));
  expect(counts.map((line) => [/status="(\w+)"/.exec(line)?.[1], line.split(" ").at(-1)]).sort()).toEqual([
    ["error", "1"],
    ["success", "1"],
  ]);
});
