import { describe, expect, test } from "bun:test";
import { Ajv } from "ajv";
import { basename, join } from "node:path";
import { parse } from "yaml";
import { root } from "../../script/repository.ts";
import { configSchemaOf } from "../../src/define/config_schema.ts";
import { makeRegistry } from "../../src/plugin/index.ts";
import { check } from "../harness/server.ts";

const schema = configSchemaOf(makeRegistry());
const validate = new Ajv({ strict: false, allErrors: true }).compile(schema);

/** What is wrong with a text, as `path: message`; `then` only repeats what it contains. */
function problemsOf(yaml: string): readonly string[] {
  validate(parse(yaml));
  const errors = (validate.errors ?? []).filter(({ keyword }) => keyword !== "if" && keyword !== "anyOf");
  return errors.map(({ instancePath, message }) => `${instancePath}: ${message}`);
}

const modules = `modules:
  - { name: server, type: http.server, config: { address: ":0", tls: { mode: disabled } } }
  - { name: router, type: http.router, dependsOn: [server], branches: { a: b }, ui: { x: 1 }, description: D }
  - { name: handler, type: http.handler }
  - { name: second, type: httpserver.modular, config: }
  - { name: queries, type: api.query, dependsOn: [router] }
`;

const whole = `${modules}
imports: []
name: shop
requires:
  capabilities: [http-server]
  plugins: [http, { name: pipeline-steps, version: ">=1.0.0" }]
platform: { anything: [goes] }
workflows:
  http:
    router: router
    routes:
      - { method: GET, path: /a, handler: handler }
  http-admin:
    routes:
      - method: GET
        path: /b
        handler: queries
        pipeline: { steps: [{ name: s, type: step.set, config: { values: { a: 1 } } }] }
      - { method: GET, path: /c, handler: queries, steps: [{ name: s, type: step.log, config: { message: m } }] }
triggers:
  http:
    routes:
      - { path: /d, method: GET, workflow: "pipeline:p", action: execute, params: { a: 1 } }
pipelines:
  p:
    trigger: { type: http, config: { path: /p } }
    timeout: 30s
    on_error: compensate
    steps:
      - name: one
        type: step.set
        if: .ok
        timeout: 5s
        on_error: skip
        retry: { max_attempts: 3, backoff: 1s, max_backoff: 5s }
        config: { values: { a: "{{ .b }}" } }
      - name: two
        type: step.foreach
        config: { collection: items, steps: [{ type: step.set, name: in, values: { a: 1 } }] }
      - { name: three, type: step.json_response, config: { status: "\${STATUS}", body: { ok: true } } }
    compensation: [{ name: undo, type: step.log, config: { message: undone } }]
`;

test("a configuration that uses every section passes, and the server takes it without a word", async () => {
  expect(problemsOf(whole)).toEqual([]);
  const { errors, warnings } = await check(whole, { environment: { STATUS: "200" } });
  expect({ errors, warnings }).toEqual({ errors: [], warnings: [] });
});

test.each([
  ["an empty file", ""],
  ["empty sections", "modules:\nworkflows:\ntriggers:\npipelines:\nimports:\n"],
  ["an application file", "application: { name: a, workflows: [{ file: a.yaml }, { file: b.yaml, name: b }] }"],
  ["the list form of a trigger", "triggers: { http: [{ name: t, type: http, workflow: http }] }"],
  ["the list form with entries", "triggers: { http: [{ routes: [{ path: /a, workflow: http }] }] }"],
  ["an empty trigger", "triggers: { http: }"],
  ["settings that are left out where none is required", "modules: [{ name: r, type: http.router }]"],
  ["a type by another name", "modules: [{ name: r, type: chimux.router }]"],
])("%s passes", (_title, yaml) => {
  expect(problemsOf(yaml)).toEqual([]);
});

describe("what is wrong is named at its place", () => {
  test.each([
    ["modules: {}", "/modules: must be array,null"],
    ["modules: [{ type: http.server }]", "/modules/0: must have required property 'name'"],
    ["modules: [{ name: s }]", "/modules/0: must have required property 'type'"],
    ["modules: [{ name: s, type: http.serve }]", "/modules/0/type: must be equal to one of the allowed values"],
    ["modules: [{ name: 9s, type: http.router }]", '/modules/0/name: must match pattern "^[a-zA-Z][a-zA-Z0-9._-]*$"'],
    ["modules: [{ name: r, type: http.router, conf: {} }]", "/modules/0: must NOT have additional properties"],
    ["modules: [{ name: r, type: http.router, dependsOn: s }]", "/modules/0/dependsOn: must be array,null"],
    [
      "modules: [{ name: s, type: http.server, config: { adress: x } }]",
      "/modules/0/config: must NOT have additional properties",
    ],
    [
      "modules: [{ name: s, type: httpserver.modular, config: { adress: x } }]",
      "/modules/0/config: must NOT have additional properties",
    ],
    [
      "modules: [{ name: s, type: http.server, config: { tls: { manual: { cert_file: a } } } }]",
      "/modules/0/config/tls/manual: must have required property 'key_file'",
    ],
    [
      "pipelines: { p: { steps: [{ name: s, type: step.set }] } }",
      "/pipelines/p/steps/0: must have required property 'config'",
    ],
    [
      "pipelines: { p: { steps: [{ name: s, type: step.log, config: {} }] } }",
      "/pipelines/p/steps/0/config: must have required property 'message'",
    ],
    [
      "pipelines: { p: { steps: [{ type: step.log, config: { message: m } }] } }",
      "/pipelines/p/steps/0: must have required property 'name'",
    ],
    ["pipelines: { p: { stesp: [] } }", "/pipelines/p: must NOT have additional properties"],
    ["pipelines: { p: { on_error: ignore } }", "/pipelines/p/on_error: must be equal to one of the allowed values"],
    ["pipelines: { p: { trigger: { config: {} } } }", "/pipelines/p/trigger: must have required property 'type'"],
    [
      "pipelines: { p: { trigger: { type: http, config: { method: GET } } } }",
      "/pipelines/p/trigger/config: must have required property 'path'",
    ],
    ["triggers: { http: {} }", "/triggers/http: must have required property 'routes'"],
    [
      "triggers: { http: { routes: [{ path: /a }] } }",
      "/triggers/http/routes/0: must have required property 'workflow'",
    ],
    ["triggers: { htpp: {} }", "/triggers: must NOT have additional properties"],
    ["workflows: { htpp: {} }", "/workflows: must NOT have additional properties"],
    [
      "workflows: { http: { routes: [{ method: GET, path: /a }] } }",
      "/workflows/http/routes/0: must have required property 'handler'",
    ],
    [
      "workflows: { http-x: { routes: [{ method: GET, path: /a, handler: h, steps: [{ name: s, type: step.set }]}]}}",
      "/workflows/http-x/routes/0/steps/0: must have required property 'config'",
    ],
    ["requires: { plugin: [] }", "/requires: must NOT have additional properties"],
    ["application: { workflows: [{ name: a }] }", "/application/workflows/0: must have required property 'file'"],
  ])("%s", (yaml, problem) => {
    expect(problemsOf(yaml)).toContain(problem);
  });
});

test("settings of a step inside a step are checked where they stand, beside its type", () => {
  const inner = (settings: string) =>
    `pipelines: { p: { steps: [{ name: s, type: step.foreach, config: { collection: c, step: ${settings} } }] } }`;
  expect(problemsOf(inner("{ type: step.log, message: m, level: warn }"))).toEqual([]);
  expect(problemsOf(inner("{ type: step.log, message: [m] }"))).toEqual([
    "/pipelines/p/steps/0/config/step/message: must be string,number,boolean",
  ]);
});

test("every type is offered with a sentence, and those that are refused stand aside with what to use instead", () => {
  const registry = makeRegistry();
  const { type } = propertiesOf("module");
  expect(type?.enum).toEqual(registry.modules.flatMap(({ type: name, aliases = [] }) => [name, ...aliases]));
  expect(type?.enumDescriptions).toHaveLength(type?.enum?.length ?? 0);
  expect(type?.["x-unavailable"]?.["gitlab.client"]).toContain("step.http_call");
  expect(propertiesOf("step").type?.["x-unavailable"]?.["step.git_push"]).toContain("CI system");
  expect(type?.["x-unavailable"]?.["step.git_push"]).toBeUndefined();
});

interface TypeProperty {
  readonly enum?: readonly string[];
  readonly enumDescriptions?: readonly string[];
  readonly "x-unavailable"?: Readonly<Record<string, string>>;
}

function propertiesOf(definition: string): Readonly<Record<string, TypeProperty>> {
  const definitions = schema.definitions as Readonly<Record<string, { properties: Record<string, TypeProperty> }>>;
  return definitions[definition]?.properties ?? {};
}

// Examples are held to the schema: an example with a key that has no effect teaches something wrong.
const examples = [...new Bun.Glob("example/**/*.{yaml,yml}").scanSync(root)].sort();

describe("examples", () => {
  for (const example of examples) {
    const text = () => Bun.file(join(root, example)).text();
    test(`${example} passes`, async () => {
      // Data files beside a configuration have none of its sections.
      const document: unknown = parse(await text());
      const isConfig =
        typeof document === "object" &&
        document !== null &&
        ["modules", "pipelines", "application"].some((key) => key in document);
      expect(isConfig ? problemsOf(await text()).map((problem) => `${basename(example)} ${problem}`) : []).toEqual([]);
    });
  }
});
