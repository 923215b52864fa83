import { expect, test } from "bun:test";
import { check, withServer } from "../harness/server.ts";

const pipeline = (steps: string) =>
  withServer(`pipelines:
  p:
    steps:
      - { name: fetch, type: step.set, config: { values: { user: ada } } }
${steps}`);

const cases: readonly (readonly [string, string])[] = [
  [
    '- { name: a, type: step.log, config: { message: "by {{ .steps.fetch.usr }}" } }',
    `12:62: pipelines.p.steps[1].config.message: step "fetch" never gives "usr"`,
  ],
  [
    "- { name: a, type: step.log, config: { message: '{{ .steps.fetsh.user }}' } }",
    `12:59: pipelines.p.steps[1].config.message: refers to step "fetsh", which is not defined`,
  ],
  [
    "- { name: a, type: step.log, if: .steps.fetch.nope, config: { message: x } }",
    `12:40: pipelines.p.steps[1].if: step "fetch" never gives "nope"`,
  ],
  [
    "- { name: a, type: step.json_response, config: { body: { x: { _from: steps.fetch.nope } } } }",
    `12:76: pipelines.p.steps[1].config.body: step "fetch" never gives "nope"`,
  ],
  [
    "- { name: a, type: step.workflow_call, config: { workflow: q } }",
    `12:9: step "a" calls pipeline "q", which is not defined`,
  ],
];

test.each(cases)("%s is called out where it stands", async (step, warning) => {
  const { errors, warnings } = await check(pipeline(`      ${step}`));
  expect(errors).toEqual([]);
  expect(warnings).toContain(warning);
});

test("a branch whose sibling has a condition of its own is not said to run on into it", async () => {
  const { warnings } = await check(
    pipeline(`      - { name: route, type: step.conditional, config: { field: user, routes: { a: one, b: two } } }
      - { name: one, type: step.log, config: { message: x } }
      - { name: two, type: step.log, if: not .done, config: { message: x } }`),
  );
  expect(warnings).toEqual([]);
});
