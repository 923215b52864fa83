import { expect, test } from "bun:test";
import { ManualClock } from "../../harness/manual_clock.ts";
import { check, serve, withServer } from "../../harness/server.ts";

const modules = `
  - { name: clock, type: scheduler.modular }
  - { name: handler, type: messaging.handler }
`;

const config = (jobs: string) =>
  withServer(`${modules}
workflows:
  scheduler:
    jobs: ${jobs}
triggers:
  http:
    routes:
      - { path: /run, method: POST, workflow: scheduler, action: handler, params: { n: 1 } }
      - { path: /full, method: POST, workflow: scheduler, action: "clock:handler" }
      - { path: /none, method: POST, workflow: scheduler, action: nothing }
`);

const job = "[{ scheduler: clock, job: handler, config: { note: x } }]";

test("a message handler gets an empty object at each tick", async () => {
  const clock = new ManualClock();
  await using server = await serve(config(job), { clock });
  await clock.advance(60_000);
  expect((await server.logged("Message received")).attributes).toMatchObject({ topic: "handler", bytes: 2 });
});

test.each(["/run", "/full"])("a trigger runs a job once, with its data (%s)", async (path) => {
  await using server = await serve(config(job), { clock: new ManualClock() });
  expect((await server.post(path, {})).status).toBe(202);
  expect((await server.logged("Message received")).attributes["bytes"]).toBeGreaterThan(2);
});

test("an action that is no job is the caller's mistake", async () => {
  await using server = await serve(config(job), { clock: new ManualClock() });
  const answer = await server.post("/none", {});
  expect(answer.status).toBe(400);
  expect(await answer.text()).toContain("job 'nothing' is not one of the scheduler section");
});

test.each([
  [
    "[{ scheduler: clock, job: nobody }]",
    "failed to configure scheduler workflow: job handler service 'nobody' not found",
  ],
  [
    "[{ scheduler: clock, job: router }]",
    "failed to configure scheduler workflow: service 'router' does not implement Job interface",
  ],
  [
    "[{ scheduler: router, job: handler }]",
    "workflows.scheduler.jobs[0].scheduler: module 'router' (type http.router) is not a scheduler",
  ],
  ["[{ job: handler }]", `workflows.scheduler.jobs[0].scheduler: required config field "scheduler" is missing`],
  ["[{ scheduler: clock }]", `workflows.scheduler.jobs[0].job: required config field "job" is missing`],
])("%s is refused", async (jobs, message) => {
  expect((await check(config(jobs))).errors).toEqual([expect.stringContaining(message)]);
});
