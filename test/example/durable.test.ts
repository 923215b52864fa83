import { beforeAll, expect, test } from "bun:test";
import { buildExecutable } from "../../script/executable.ts";
import { startExample } from "../harness/example.ts";
import { buildTimeoutMs } from "../harness/executable.ts";

beforeAll(() => buildExecutable().then(() => undefined), buildTimeoutMs);

test("a purchase waits for its approval, a reminder sleeps, and a trip that fails is undone", async () => {
  await using server = await startExample("durable-purchase.yaml");
  const [bought] = await server.tryIt();
  expect(bought).toMatch(/^\{"status": "workflow triggered", "execution_id": "\S+"\} 202$/);
  await server.logged(/msg="remember: call Bob"/);
  await server.logged(/msg="the trip of Ada is undone"/);
  const runs = await server.shell("curl -s http://localhost:8081/api/v1/executions?pipeline=purchase");
  expect(runs).toContain('"status":"waiting"');
  await server.logged(/Asynchronous run failed.*pipeline=trip.*\(compensation executed\)/);
  const letters = await server.shell("curl -s http://localhost:8081/api/v1/admin/dlq");
  expect(letters).toContain('"pipeline_name":"trip"');
});
