import { expect, test } from "bun:test";
import { check, serve, withServer } from "../../harness/server.ts";
import { flagsOf } from "./flags.ts";

const pipeline = (settings: string) =>
  withServer(`  - { name: flags, type: featureflag.service }
pipelines:
  p:
    trigger: { type: http, config: { method: POST, path: /p } }
    steps:
      - { name: gate, type: step.ff_gate, config: ${settings} }
      - { name: old, type: step.json_response, config: { body: { way: old, gate: { _from: steps.gate } } } }
      - { name: new, type: step.json_response, config: { body: { way: new, gate: { _from: steps.gate } } } }
`);

test.each([
  ["true", { way: "new", gate: { flag: "f", enabled: true, next_step: "new" } }],
  ["false", { way: "old", gate: { flag: "f", enabled: false, next_step: "old" } }],
])("a flag that is %s leads to %j", async (default_val, expected) => {
  await using server = await serve(pipeline("{ flag: f, on_enabled: new, on_disabled: old }"));
  flagsOf(server, "flags").createFlag("f", { default_val });
  expect(await (await server.post("/p", {})).json()).toEqual(expected);
});

test("the user decides when the flag depends on it", async () => {
  const subject = `user_from: "{{ .body.user }}", group_from: "{{ .body.groups }}"`;
  const settings = `{ flag: f, ${subject}, on_enabled: new, on_disabled: old }`;
  await using server = await serve(pipeline(settings));
  flagsOf(server, "flags").createFlag("f", {});
  flagsOf(server, "flags").replaceOverrides("f", [
    { scope: "user", scope_key: "ada", value: "true" },
    { scope: "group", scope_key: "ops", value: "true" },
  ]);
  const answer = async (user: string, groups: string) => (await server.post("/p", { user, groups })).json();
  expect(await answer("ada", "")).toMatchObject({ way: "new" });
  expect(await answer("bob", "ops")).toMatchObject({ way: "new" });
  expect(await answer("bob", "")).toMatchObject({ way: "old" });
});

test.each([
  ["{ flag: f, on_enabled: new }", `ff_gate step "gate": 'on_disabled' is required`],
  ["{ flag: f, on_disabled: new }", `ff_gate step "gate": 'on_enabled' is required`],
  ["{ on_enabled: new, on_disabled: old }", `ff_gate step "gate": 'flag' is required`],
  [
    "{ flag: f, on_enabled: new, on_disabled: old, service: server }",
    "module 'server' (type http.server) is not a feature flag service",
  ],
])("%s is refused", async (settings, message) => {
  const { errors, warnings } = await check(pipeline(settings));
  expect(errors.length).toBeGreaterThan(0);
  expect([...errors, ...warnings].join("\n")).toContain(message);
});

test("a branch that is not defined is a warning with the nearest name", async () => {
  const { warnings } = await check(pipeline("{ flag: f, on_enabled: neww, on_disabled: old }"));
  expect(warnings).toContainEqual(expect.stringContaining(`step "gate" routes to step "neww", which is not defined`));
});
