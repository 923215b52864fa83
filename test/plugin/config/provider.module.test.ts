import { expect, test } from "bun:test";
import { check, serve, withServer } from "../../harness/server.ts";

const provider = (config: string) => `  - { name: settings, type: config.provider, config: ${config} }\n`;

const answering = (config: string, body: string) =>
  withServer(`${provider(config)}pipelines:
  p:
    trigger: { type: http, config: { method: POST, path: /p } }
    steps:
      - name: answer
        type: step.json_response
        config:
          body: ${body}
`);

async function answer(config: string, body: string, environment: Record<string, string> = {}): Promise<unknown> {
  await using server = await serve(answering(config, body), { environment });
  return (await server.post("/p", {})).json();
}

test.each([
  ["double quotes", `{{config "color"}}`],
  ["single quotes", `{{config 'color'}}`],
  ["blanks", `{{ config   "color" }}`],
  ["text around it", `{{config "color"}}`],
])("a reference with %s is replaced", async (_name, reference) => {
  const body = `{ a: ${JSON.stringify(`<${reference}>`)} }`;
  expect(await answer("{ schema: { color: { default: blue } }, sources: [{ type: defaults }] }", body)).toEqual({
    a: "<blue>",
  });
});

test.each([
  ["the default", "[{ type: defaults }, { type: env }]", {}, "blue"],
  ["the environment after the defaults", "[{ type: defaults }, { type: env }]", { COLOR: "red" }, "red"],
  ["the defaults after the environment", "[{ type: env }, { type: defaults }]", { COLOR: "red" }, "blue"],
  [
    "a variable with the prefix",
    "[{ type: defaults }, { type: env, prefix: APP_ }]",
    { APP_COLOR: "red", COLOR: "no" },
    "red",
  ],
  ["the default for an empty variable", "[{ type: defaults }, { type: env }]", { COLOR: "" }, "blue"],
])("the value is %s", async (_name, sources, environment, expected) => {
  const config = `{ schema: { color: { env: COLOR, default: blue } }, sources: ${sources} }`;
  expect(await answer(config, `{ a: '{{config "color"}}' }`, environment)).toEqual({ a: expected });
});

test("a key without a variable is not read from the environment", async () => {
  const config = "{ schema: { HOME: {} }, sources: [{ type: env }] }";
  expect(await answer(config, `{ a: '{{config "HOME"}}' }`, { HOME: "/root", "": "x" })).toEqual({ a: "" });
});

test("an unknown key stays, and gives nothing when it is evaluated", async () => {
  const config = "{ schema: { a: { default: x } }, sources: [{ type: defaults }] }";
  expect(await answer(config, `{ a: '<{{config "b"}}>' }`)).toEqual({ a: "<>" });
});

test("templates see the values in other forms too", async () => {
  const yaml =
    withServer(`${provider("{ schema: { mode: { default: fast } }, sources: [{ type: defaults }] }")}pipelines:
  p:
    trigger: { type: http, config: { method: POST, path: /p } }
    steps:
      - { name: set, type: step.set, config: { values: { a: '{{ if eq (config "mode") "fast" }}yes{{ end }}' } } }
      - { name: answer, type: step.json_response, config: { body_from: steps.set } }
`);
  await using server = await serve(yaml);
  expect(await (await server.post("/p", {})).json()).toEqual({ a: "yes" });
});

test.each([
  [
    "a response",
    '"{{ true }}"',
    `{ a: '{{ if config "mode" }}{{ config "mode" }}{{ else }}none{{ end }}' }`,
    { a: "fast" },
  ],
  [
    "the depth of a response",
    '"{{ true }}"',
    `{ a: [{ b: '{{ print (config "mode") "!" }}' }] }`,
    { a: [{ b: "fast!" }] },
  ],
  ["a condition", `'{{ eq (config "mode") "fast" }}'`, "{ a: ran }", { a: "ran" }],
  ["a condition that does not hold", `'{{ eq (config "mode") "slow" }}'`, "{ a: ran }", null],
  ["a condition without braces", `'eq (config "mode") "fast"'`, "{ a: ran }", { a: "ran" }],
])("expressions in %s see the values", async (_place, condition, body, expected) => {
  const yaml =
    withServer(`${provider("{ schema: { mode: { default: fast } }, sources: [{ type: defaults }] }")}pipelines:
  p:
    trigger: { type: http, config: { method: POST, path: /p } }
    steps:
      - { name: answer, type: step.json_response, if: ${condition}, config: { body: ${body} } }
      - { name: skipped, type: step.json_response, config: { body_from: none } }
`);
  await using server = await serve(yaml);
  const text = await (await server.post("/p", {})).text();
  expect(text === "" ? null : JSON.parse(text)).toEqual(expected);
});

test("a path that goes on with a pipe sees the values", async () => {
  const yaml =
    withServer(`${provider("{ schema: { mode: { default: fast } }, sources: [{ type: defaults }] }")}pipelines:
  p:
    trigger: { type: http, config: { method: POST, path: /p } }
    steps:
      - name: choose
        type: step.conditional
        config: { field: 'body.mode | default (config "mode")', routes: { fast: yes, slow: no } }
      - { name: no, type: step.json_response, config: { body: { a: no } } }
      - { name: yes, type: step.json_response, config: { body: { a: yes } } }
`);
  await using server = await serve(yaml);
  expect(await (await server.post("/p", {})).json()).toEqual({ a: "yes" });
  expect(await (await server.post("/p", { mode: "slow" })).json()).toEqual({ a: "no" });
});

test("values reach modules, workflows and triggers, and convert to what a setting needs", async () => {
  const schema = "{ port: { default: 0 }, n: { default: 20 }, path: { default: /hi } }";
  const yaml = `modules:
  - name: server
    type: http.server
    config: { address: '127.0.0.1:{{config "port"}}', maxBodyBytes: '{{config "n"}}' }
  - { name: router, type: http.router, dependsOn: [server] }
  - { name: hello, type: http.handler }
${provider(`{ schema: ${schema}, sources: [{ type: defaults }] }`)}
workflows:
  http: { routes: [{ method: GET, path: '{{config "path"}}', handler: hello }] }
triggers:
  http: { routes: [{ method: POST, path: '{{config "path"}}/p', workflow: p }] }
pipelines:
  p: { steps: [{ name: read, type: step.request_parse, config: { parse_body: true } }] }
`;
  await using server = await serve(yaml);
  expect((await server.get("/hi")).status).toBe(200);
  expect((await server.post("/hi/p", { short: 1 })).status).toBe(202);
  expect((await server.post("/hi/p", { long: "0123456789012345" })).status).toBe(413);
});

test("the provider's own settings are not replaced, and ${…} in them is expanded first", async () => {
  const schema = `{ a: { default: '{{config "b"}}' }, b: { default: "\${WORD}" } }`;
  const config = `{ schema: ${schema}, sources: [{ type: defaults }] }`;
  expect(await answer(config, `{ b: '{{config "b"}}' }`, { WORD: "w" })).toEqual({ b: "w" });
});

test.each([
  ["true", '{{config \\"level\\"}}'],
  ["false", "hidden-text"],
])("sensitive: %s decides what a message shows", async (sensitive, shown) => {
  const yaml = withServer(
    provider(
      `{ schema: { level: { default: hidden-text, sensitive: ${sensitive} } }, sources: [{ type: defaults }] }`,
    ) + `  - { name: logs, type: log.collector, config: { logLevel: '{{config "level"}}' } }\n`,
  );
  const { warnings } = await check(yaml);
  expect(warnings.find((warning) => warning.includes("logLevel"))).toBe(
    `9:60: modules[3].config.logLevel: config field "logLevel" must be one of debug, info, warn, error, ` +
      `got "${shown}"; the default "info" is used`,
  );
});

const failed = 'config transform hook "config-provider-expansion" failed: ';

test.each([
  [
    "{ schema: { a: { required: true }, b: {}, c: { required: true, env: C } }, sources: [{ type: env }] }",
    `8:5: ${failed}config.provider module "settings": missing required config keys: a, c`,
  ],
  ["{ schema: { a: {} }, sources: [{ type: vault }] }", `8:5: ${failed}unsupported config source type: "vault"`],
  ["{ sources: [] }", `8:54: modules[2].config.schema: required config field "schema" is missing`],
  ["{ schema: {} }", `8:54: modules[2].config.sources: required config field "sources" is missing`],
])("%s is refused", async (config, message) => {
  expect((await check(withServer(provider(config)))).errors).toEqual([message]);
});
