import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { check, serve, withServer } from "../harness/server.ts";

const answering = (text: string) =>
  withServer(`
pipelines:
  p:
    trigger: { type: http, config: { method: GET, path: /p } }
    steps:
      - { name: answer, type: step.json_response, config: { body: { got: ${text} } } }
`);

async function expanded(text: string, environment: Readonly<Record<string, string>> = {}): Promise<unknown> {
  await using server = await serve(answering(JSON.stringify(text)), { environment });
  return (await server.get("/p")).json();
}

test.each([
  ["${NAME}", { NAME: "value" }, "value"],
  ["${env:NAME}", { NAME: "value" }, "value"],
  ["<${A}-${B}>", { A: "1", B: "2" }, "<1-2>"],
  ["${A} ${MISSING}", { A: "1" }, "1 ${MISSING}"],
  ["${db.password}", { DB_PASSWORD: "p" }, "p"],
  ["${db.password}", { DB_PASSWORD: "p", "db.password": "exact" }, "exact"],
  ["${name}", { NAME: "upper" }, "upper"],
  ["${name}", { NAME: "upper", name: "lower" }, "lower"],
  ["${EMPTY}|", { EMPTY: "" }, "|"],
  ["${GONE:-some text}", {}, "some text"],
  ["${GONE:-}|", {}, "|"],
  ["${EMPTY:-filled}", { EMPTY: "" }, "filled"],
  ["${SET:-other}", { SET: "set" }, "set"],
  ["${URL:-http://a:1/b}", {}, "http://a:1/b"],
  ["${nope:key}", {}, "${nope:key}"],
  ["${A}", { A: "${B}", B: "no" }, "${B}"],
  ["$A {A} ${}", { A: "1" }, "$A {A} ${}"],
])("%s with %j is %s", async (text, environment, result) => {
  expect(await expanded(text, environment as Record<string, string>)).toEqual({ got: result });
});

test("a file of the secrets directory is read without its last line feed, and no other file is", async () => {
  const folder = mkdtempSync(join(tmpdir(), "secrets-"));
  try {
    writeFileSync(join(folder, "key"), "s3cret\r\n");
    const environment = { WORKFLOW_SECRETS_DIR: folder };
    expect(await expanded("${file:key} ${file:../key} ${file:gone}", environment)).toEqual({
      got: "s3cret ${file:../key} ${file:gone}",
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("references expand in modules, workflows, triggers and pipelines, and fill numbers", async () => {
  const yaml = `modules:
  - { name: server, type: http.server, config: { address: "127.0.0.1:\${PORT}", maxBodyBytes: "\${LIMIT}" } }
  - { name: router, type: http.router, dependsOn: [server] }
  - { name: hello, type: http.handler, config: { contentType: "\${TYPE}" } }
workflows: { http: { routes: [{ method: GET, path: "/\${PATH_A}", handler: hello }] } }
triggers: { http: { routes: [{ method: POST, path: "/\${PATH_B}", workflow: "pipeline:p" }] } }
pipelines: { p: { steps: [{ name: a, type: step.json_response, config: { status: "\${STATUS}", body: {} } }] } }
`;
  const environment = { PORT: "0", LIMIT: "10", TYPE: "text/x", PATH_A: "a", PATH_B: "b", STATUS: "207" };
  await using server = await serve(yaml, { environment });
  expect((await server.get("/a")).headers.get("content-type")).toBe("text/x");
  expect((await server.post("/b", {})).status).toBe(207);
  expect((await server.post("/b", { text: "longer than ten" })).status).toBe(413);
});

test("what cannot be resolved is a warning with its place, once", async () => {
  const yaml = answering('"${GONE} ${GONE} ${nope:x} ${file:../x}"');
  const { errors, warnings } = await check(yaml, { environment: { WORKFLOW_SECRETS_DIR: "/nowhere" } });
  expect(errors).toEqual([]);
  expect(warnings).toEqual([
    "13:74: ${GONE} stays as it is: not found",
    '13:74: ${nope:x} stays as it is: no provider for "nope" is configured',
    '13:74: ${file:../x} stays as it is: "../x" is not the name of a secret file',
  ]);
});

test("the value of a reference is in no message", async () => {
  const settings = `address: "\${SECRET}", maxBodyBytes: "\${SECRET}"`;
  const yaml = `modules: [{ name: server, type: http.server, config: { ${settings} } }]\n`;
  const { errors, warnings } = await check(yaml, { environment: { SECRET: "hunter2" } });
  expect([...errors, ...warnings].length).toBeGreaterThan(0);
  expect([...errors, ...warnings].join("\n")).not.toContain("hunter2");
});

test("what a part says of an expanded value is said of its reference", async () => {
  const yaml = `modules: [{ name: server, type: http.server, config: { address: "x\${SECRET}y" } }]\n`;
  const { errors } = await check(yaml, { environment: { SECRET: "hunter2$&" } });
  expect(errors).toEqual([
    '1:11: failed to initialize modules: module "server": invalid address "x${SECRET}y": expected host:port',
  ]);
});
