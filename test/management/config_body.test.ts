import { expect, test } from "bun:test";
import { serve, withServer } from "../harness/server.ts";

const reloadPath = "/api/v1/admin/engine/reload";
const validatePath = "/api/v1/admin/engine/validate";
const modules = [{ name: "hello", type: "http.handler" }];
const config = { modules, pipelines: { p: { steps: [] } } };
const yaml = "modules:\n  - { name: hello, type: http.handler }\npipelines: { p: { steps: [] } }\n";

function send(body: string, contentType?: string): RequestInit {
  const bytes = new TextEncoder().encode(body);
  return {
    method: "POST",
    body: bytes,
    ...(contentType === undefined ? {} : { headers: { "content-type": contentType } }),
  };
}

test.each([
  ["application/yaml", yaml],
  ["application/x-yaml; charset=utf-8", yaml],
  ["text/yaml", yaml],
  ["text/x-yaml", yaml],
  ["text/plain", yaml],
  [undefined, yaml],
  ["application/json", JSON.stringify(config)],
  ["application/json; charset=utf-8", JSON.stringify(config, undefined, "\t")],
  ["application/json", JSON.stringify({ config })],
  ["application/json", JSON.stringify({ config: yaml })],
  ["application/json", JSON.stringify({ config_yaml: yaml })],
  [undefined, `  ${JSON.stringify(config)}`],
  ["text/plain", JSON.stringify({ config_yaml: yaml })],
])("a configuration sent as %s is applied: %j", async (contentType, body) => {
  await using server = await serve(withServer(""));
  const answer = await server.manage(reloadPath, send(body, contentType));
  expect(await answer.json()).toEqual({ status: "reloaded", warnings: [] });
  expect(answer.headers.get("etag")).toBe(`"${server.engine.configHash}"`);
  expect(server.engine.current?.plan.modules.map(({ name }) => name)).toEqual(["hello"]);
});

test.each([
  ["broken JSON", "application/json", "{", 400, "invalid JSON at line 1, column 2: "],
  ["a JSON list", "application/json", "[1]", 400, "the configuration must be a JSON object"],
  ["a JSON text", "application/json", '"text"', 400, "the configuration must be a JSON object"],
  ["deep JSON", "application/json", "[".repeat(5000), 400, "column 201: nested deeper than 200 levels"],
  ["broken YAML", "application/yaml", "a: [", 400, "failed to parse config file: yaml: "],
  ["a NUL", "application/yaml", "a: \u0000", 400, "yaml: control characters are not allowed (U+0000)"],
  ["deep YAML", "application/yaml", "[".repeat(5000), 400, "request is nested deeper than 200 levels"],
  ["more than 5 MiB", "application/yaml", `#${"x".repeat(5 * 1024 * 1024)}`, 413, "5 MiB"],
  ["more than 5 MiB in fewer characters", "application/yaml", `#${"é".repeat(3 * 1024 * 1024)}`, 413, "5 MiB"],
])("%s cannot be read", async (_what, contentType, body, status, message) => {
  await using server = await serve(withServer(""));
  for (const path of [reloadPath, validatePath]) {
    const answer = await server.manage(path, send(body, contentType));
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ error: expect.stringContaining(message) });
  }
  expect(server.engine.generationNumber).toBe(1);
});

test("a key that would reach a prototype is refused in JSON as in YAML", async () => {
  await using server = await serve(withServer(""));
  for (const body of ['{"__proto__": {"polluted": 1}}', '{"config": {"modules": [{"constructor": 1}]}}']) {
    const answer = await server.manage(validatePath, send(body, "application/json"));
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain("is not allowed");
  }
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

test("validate answers every problem at once, with places, hints and warnings", async () => {
  await using server = await serve(withServer(""));
  const body = `modules:
  - name: a
    type: http.sever
    dependsOn: [b]
  - name: a
    type: http.handler
  - name: c
    type: http.handler
    config: { content_type: x }
pipelines:
  p: { steps: [{ name: s, type: step.sett }] }
`;
  const answer = await server.manage(validatePath, send(body, "application/yaml"));
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual({
    valid: false,
    errors: [
      'request:3:11: modules[0].type: unknown module type "http.sever" (did you mean "http.server"?)',
      "request:4:17: module 'a' depends on 'b' which is not defined",
      'request:5:11: modules[1].name: duplicate module name "a" (first defined at modules[0])',
      'request:11:33: pipeline "p": step "s" (type step.sett): unknown step type: step.sett (did you mean "step.set"?)',
    ],
    warnings: [
      'request:9:15: modules[2].config.content_type: config field "content_type" uses snake_case; ' +
        'use camelCase "contentType" instead',
    ],
    problems: [
      {
        severity: "error",
        code: "config.unknown_type",
        message: 'modules[0].type: unknown module type "http.sever"',
        hint: 'did you mean "http.server"?',
        file: "request",
        line: 3,
        column: 11,
      },
      expect.objectContaining({ severity: "error", code: "config.unknown_dependency", line: 4 }),
      expect.objectContaining({ severity: "error", code: "config.duplicate_name", line: 5 }),
      expect.objectContaining({ severity: "error", code: "config.unknown_type", line: 11 }),
      expect.objectContaining({ severity: "warning", code: "config.unknown_key", line: 9 }),
    ],
  });
});

test("validate says valid, with an empty list, and counts warnings as errors when it is asked to", async () => {
  await using server = await serve(withServer(""));
  const answer = await server.manage(validatePath, send(yaml, "application/yaml"));
  expect(await answer.json()).toEqual({ valid: true, errors: [], warnings: [], problems: [] });
  const odd = `${yaml}pipeline: {}\n`;
  expect(await (await server.manage(validatePath, send(odd))).json()).toMatchObject({ valid: true, errors: [] });
  expect(await (await server.manage(`${validatePath}?strict=1`, send(odd))).json()).toMatchObject({
    valid: false,
    errors: ['request:4:1: pipeline: "pipeline" is not known here and has no effect (did you mean "pipelines"?)'],
    warnings: [],
  });
});

test("a document of the wrong shape is a finding of validate, not a bad request", async () => {
  await using server = await serve(withServer(""));
  const answer = await server.manage(validatePath, send("modules: {}\nworkflows: []\n"));
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({
    valid: false,
    errors: ["request:1:10: modules: must be a list, got map", "request:2:12: workflows: must be a map, got list"],
  });
});

test("an empty body is nothing to validate", async () => {
  await using server = await serve(withServer(""));
  const answer = await server.manage(validatePath, { method: "POST" });
  expect(answer.status).toBe(400);
  expect(await answer.json()).toEqual({ error: "the request body is empty: send a configuration" });
});
