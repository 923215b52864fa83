import { expect, test } from "bun:test";
import { check, serve, type TestServer, withServer } from "../../harness/server.ts";
import { flagsOf } from "./flags.ts";

const pipeline = (settings: string, modules = "  - { name: flags, type: featureflag.service }\n") =>
  withServer(`${modules}
pipelines:
  p:
    trigger: { type: http, config: { method: POST, path: /p } }
    steps:
      - { name: flag, type: step.feature_flag, config: ${settings} }
      - { name: answer, type: step.json_response, config: { body_from: steps.flag } }
`);

async function ask(server: TestServer, body: object = {}): Promise<unknown> {
  return (await server.post("/p", body)).json();
}

test.each([
  ["boolean", "true", { enabled: true, variant: "true", value: true }],
  ["boolean", "false", { enabled: false, variant: "false", value: false }],
  ["string", "blue", { enabled: true, variant: "blue", value: "blue" }],
  ["string", "0", { enabled: false, variant: "0", value: "0" }],
  ["string", "", { enabled: false, variant: "", value: "" }],
  ["integer", "0", { enabled: true, variant: "0", value: 0 }],
  ["json", "null", { enabled: false, variant: "<no value>", value: null }],
  ["json", '{"a":1}', { enabled: true, variant: "map[a:1]", value: { a: 1 } }],
] as const)("a %s flag with %s", async (type, default_val, expected) => {
  await using server = await serve(pipeline("{ flag: f }"));
  flagsOf(server, "flags").createFlag("f", { type, default_val });
  expect(await ask(server)).toEqual({ f: expected });
});

test("flag, user and groups may come from the run, and output_key names the result", async () => {
  const subject = `user_from: "{{ .body.user }}", group_from: "{{ .body.groups }}"`;
  const settings = `{ flag: "{{ .body.flag }}", ${subject}, output_key: result }`;
  await using server = await serve(pipeline(settings));
  const flags = flagsOf(server, "flags");
  flags.createFlag("f", { type: "string", default_val: "all" });
  flags.replaceOverrides("f", [
    { scope: "user", scope_key: "ada", value: "ada's" },
    { scope: "group", scope_key: "ops", value: "ops'" },
  ]);
  const variant = async (user: string, groups: string) => {
    const answer: { result: { variant: string } } = JSON.parse(
      await (await server.post("/p", { flag: "f", user, groups })).text(),
    );
    return answer.result.variant;
  };
  expect(await variant("ada", "")).toBe("ada's");
  expect(await variant("bob", "dev,ops")).toBe("ops'");
  expect(await variant("bob", "dev")).toBe("all");
});

test("service chooses among several modules; without it the first is asked", async () => {
  const modules = `  - { name: first, type: featureflag.service, config: { db_path: a.db } }
  - { name: second, type: featureflag.service, config: { db_path: b.db } }\n`;
  for (const [settings, expected] of [
    ["{ flag: f }", "first"],
    ["{ flag: f, service: second }", "second"],
  ] as const) {
    await using server = await serve(pipeline(settings, modules));
    for (const name of ["first", "second"])
      flagsOf(server, name).createFlag("f", { type: "string", default_val: name });
    expect(await ask(server)).toMatchObject({ f: { value: expected } });
  }
});

test("an unknown flag that the client names is 404, one that the configuration names is 500", async () => {
  await using named = await serve(pipeline(`{ flag: "{{ .body.flag }}" }`));
  expect((await named.post("/p", { flag: "g" })).status).toBe(404);
  await using fixed = await serve(pipeline("{ flag: g }"));
  expect((await fixed.post("/p", {})).status).toBe(500);
  expect((await fixed.logged("Step failed")).attributes["error"]).toBe(
    'feature_flag step "flag": failed to evaluate flag "g": flag "g" not found: no such flag',
  );
});

test("a template that fails names its setting", async () => {
  await using server = await serve(pipeline(`{ flag: f, user_from: "{{ .missing.x }}" }`));
  await server.post("/p", {});
  expect((await server.logged("Step failed")).attributes["error"]).toStartWith(
    'feature_flag step "flag": failed to resolve user_from: ',
  );
});

test("without a feature flag module the configuration is refused", async () => {
  expect((await check(pipeline("{ flag: f }", ""))).errors).toEqual([
    expect.stringContaining('feature_flag step "flag": featureflag.service module must be loaded first'),
  ]);
  expect((await check(pipeline("{}"))).errors).toEqual([
    expect.stringContaining(`feature_flag step "flag": 'flag' is required`),
  ]);
});
