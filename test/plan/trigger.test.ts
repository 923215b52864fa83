import { expect, test } from "bun:test";
import { check } from "../harness/server.ts";

const frame = (rest: string) => `modules: [{name: router, type: http.router}]
pipelines: { p: { steps: [] } }
${rest}
`;

test.each([
  ["triggers: { htp: {} }", '3:13: triggers.htp: unknown trigger type "htp"'],
  ["triggers: { http: {} }", "3:19: triggers.http: routes not found in http trigger configuration"],
  ["triggers: { http: { routes: x } }", "3:29: triggers.http: routes must be a list, got string"],
  ["triggers: { http: { routes: [x] } }", "3:30: triggers.http.routes[0]: must be a map, got string"],
  [
    "triggers: { http: { routes: [{ path: /a }] } }",
    '3:30: triggers.http.routes[0].workflow: required config field "workflow" is missing',
  ],
  [
    'triggers: { http: { routes: [{ workflow: "pipeline:p" }] } }',
    '3:30: triggers.http.routes[0].path: required config field "path" is missing',
  ],
  [
    'triggers: { http: { routes: [{ path: /a, workflow: "pipeline:p", params: [1] }] } }',
    "3:74: triggers.http.routes[0].params: must be a map, got list",
  ],
  ["workflows: { htp: {} }", '3:14: workflows.htp: unknown workflow type "htp"'],
])("%s is refused", async (yaml, expected) => {
  expect((await check(frame(yaml))).errors).toEqual([expected]);
});

test("a trigger may stand in a list, in either form", async () => {
  const named = frame("triggers: { http: [{ name: api, type: http, workflow: http }] }");
  expect(await check(named)).toEqual({ errors: [], warnings: [] });
  const nested = frame('triggers: { http: [{ config: { routes: [{ path: /a, workflow: "pipeline:gone" }] } }] }');
  expect((await check(nested)).warnings).toEqual([
    "3:41: triggers.http[0].routes[0].workflow: no workflow, pipeline or state machine is named 'pipeline:gone'",
  ]);
});

test("an empty trigger section is fine", async () => {
  expect(await check(frame("triggers: { http: ~ }"))).toEqual({ errors: [], warnings: [] });
});

test.each([
  ["of an unknown type", "{ type: htp }", 'pipelines.p.trigger: unknown trigger type "htp"', "3:14"],
  ["without a type", "{ config: {} }", "pipelines.p.trigger: a trigger needs a type", "3:14"],
  [
    "without what it needs",
    "{ type: http }",
    'pipelines.p.trigger.config.path: required config field "path" is missing',
    "3:14",
  ],
])(
  "an inline trigger %s is a warning, since the pipeline can be run otherwise",
  async (_what, trigger, reason, place) => {
    const { errors, warnings } = await check(`modules: [{name: router, type: http.router}]
pipelines: { p: { steps: [],
    trigger: ${trigger} } }
`);
    expect(errors).toEqual([]);
    const type = /type: (\w+)/.exec(trigger)?.[1] ?? "its";
    expect(warnings).toEqual([
      `${place}: Pipeline "p": could not configure ${type} trigger (pipeline still usable via API): ${reason}`,
    ]);
  },
);
