import { beforeAll, expect, test } from "bun:test";
import { buildExecutable } from "../../script/executable.ts";
import { startExample } from "../harness/example.ts";
import { buildTimeoutMs } from "../harness/executable.ts";

beforeAll(() => buildExecutable().then(() => undefined), buildTimeoutMs);

test("the state machine example moves a ticket, and tells the hook", async () => {
  await using server = await startExample("state-machine-workflow.yaml");
  const [created, triaged, working, resolved, state, reopened] = await server.tryIt();
  expect(created).toEndWith(" 201");
  expect(triaged).toContain('"state":"triaged"');
  expect(working).toContain('"state":"working","success":true,"transition":"start_work"} 200');
  expect(resolved).toContain('"state":"resolved","success":true');
  expect(state).toBe('{"id":"t1","state":"resolved"} 200');
  expect(reopened).toContain('"state":"working","success":true');
  // Only transitions to three of the states are hooked, and one of those happened.
  expect(server.log.match(/Message received.*topic=statemachine\.ticket/g)).toHaveLength(1);
});

test("the state machine example refuses a transition that the state does not allow", async () => {
  await using server = await startExample("state-machine-workflow.yaml");
  await server.shell('curl -X POST http://localhost:8080/api/tickets -d \'{"id":"t9"}\'');
  const refused = await server.shell("curl -X POST http://localhost:8080/api/tickets/t9/resolve");
  expect(refused).toContain("cannot trigger transition 'resolve' from state 'triaged', expected 'working'");
  expect(refused).toEndWith(" 400");
});

test("the event example raises the alarm at the third failure", async () => {
  await using server = await startExample("event-driven-workflow.yaml");
  expect(await server.shell("curl http://localhost:8080/api/failures")).toBe('{"last":"none"} 200');
  const [failures, success, last] = await server.tryIt();
  expect(failures).toBe('{"published":true} 202\n{"published":true} 202\n{"published":true} 202');
  expect(success).toBe('{"published":true} 202');
  expect(last).toBe('{"last":"ada at TIME"} 200');
  expect(server.log.match(/Message received.*handler=alarm/g)).toHaveLength(1);
  expect(server.log.match(/Message received.*handler=archive/g)).toHaveLength(4);
});

test("the schedule example beats every second and runs a job at once", async () => {
  await using server = await startExample("scheduled-jobs.yaml");
  await server.logged(/Pipeline completed.*pipeline=heartbeat|pipeline=heartbeat.*Pipeline completed/);
  expect(await server.tryIt()).toEqual(['{"last":"TIME"} 200', '{"status": "workflow triggered"} 202']);
  await server.logged(/Message received.*handler=cleanupJob/);
  expect(server.log).not.toContain("handler=reportJob");
});

test("the webhook example takes an event once and sends a failed payment on", async () => {
  await using server = await startExample("webhook-pipeline.yaml");
  const [succeeded, failed, refused] = await server.tryIt();
  expect(succeeded).toBe('{"action":"none","received":true} 200');
  expect(failed).toBe('{"action":"the shop is told","received":true} 200');
  expect(refused).toBe('{"error":"wrong or missing X-Webhook-Token"} 401');
  await server.logged(/The shop knows of payment evt-2/);
  expect(await server.shell("curl http://localhost:8080/received")).toBe('{"amount":"99","payment":"evt-2"} 200');
  const again =
    "curl -X POST http://localhost:8080/webhooks/payments -H 'X-Webhook-Token: demo' " +
    '-d \'{"id":"evt-2","type":"payment.failed"}\' -H \'Content-Type: application/json\'';
  expect(await server.shell(again)).toBe('{"received":true,"repeated":true} 200');
});
