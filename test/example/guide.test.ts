import { beforeAll, expect, test } from "bun:test";
import { buildExecutable } from "../../script/executable.ts";
import {
  buildTimeoutMs,
  type ExecutableOptions,
  runExecutable,
  type RunningExecutable,
  startExecutable,
} from "../harness/executable.ts";
import { freePort } from "../harness/process.ts";

beforeAll(() => buildExecutable().then(() => undefined), buildTimeoutMs);

// The commands and files of the deployment guide, as they are written there. Only the ports differ.

const structure = `modules:
  - name: httpServer
    type: http.server
    config:
      address: ":8080"

  - name: httpRouter
    type: http.router
    dependsOn:
      - httpServer

  - name: userHandler
    type: http.handler
    dependsOn:
      - httpRouter
    config:
      contentType: "application/json"

workflows:
  http:
    routes:
      - method: GET
        path: /api/users
        handler: userHandler

triggers:
  http:
    - name: api-trigger
      type: http
      workflow: http

pipelines:  # optional
  order-pipeline:
    steps:
      - name: validate
        type: step.validate
        config:
          rules:
            - field: email
              rule: required
`;

/** The server with `workflow.yaml`, and its two ports. */
interface GuideServer extends RunningExecutable {
  readonly engine: string;
  readonly management: string;
}

async function start(args: readonly string[], options: ExecutableOptions): Promise<GuideServer> {
  const management = `localhost:${freePort()}`;
  const engine = `localhost:${freePort()}`;
  const ports = ["-mgmt-addr", management.replace("localhost", ""), "-addr", engine.replace("localhost", "")];
  const running = await startExecutable([...args, ...ports], options);
  try {
    await running.logged(/msg="Workflow engine on :\d+"/);
  } catch (error) {
    await running[Symbol.asyncDispose]();
    throw error;
  }
  return {
    get log() {
      return running.log;
    },
    engine,
    management,
    logged: running.logged,
    shell: running.shell,
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}

const users = '{"handler":"userHandler","message":"Default handler response","status":"success"} 200';

test("the guide's structure example runs with -config and -addr", async () => {
  await using server = await start(["-config", "workflow.yaml"], { files: { "workflow.yaml": structure } });
  expect(await server.shell(`curl http://${server.engine}/api/users`)).toBe(users);
  expect(server.log).not.toMatch(/level=(WARN|ERROR)/);
  expect(server.log).toContain(`msg="Admin UI on http://${server.management}"`);
});

test("the configuration is named by WORKFLOW_CONFIG when there is no flag", async () => {
  const files = { "workflow.yaml": structure };
  await using server = await start([], { files, environment: { WORKFLOW_CONFIG: "workflow.yaml" } });
  expect(await server.shell(`curl http://${server.engine}/api/users`)).toBe(users);
});

test("without a configuration the management port is up", async () => {
  const port = freePort();
  await using server = await startExecutable(["-mgmt-addr", `:${port}`]);
  await server.logged(/msg="Admin UI on http:\/\/localhost:\d+"/);
  expect(await server.shell(`curl http://localhost:${port}/healthz`)).toEndWith(" 200");
});

test("the endpoints of the quick reference answer", async () => {
  await using server = await start(["-config", "workflow.yaml"], { files: { "workflow.yaml": structure } });
  const { engine, management } = server;
  for (const path of [`${engine}/healthz`, `${engine}/readyz`, `${engine}/livez`, `${management}/metrics`]) {
    expect(await server.shell(`curl -o /dev/null http://${path}`)).toBe("200");
  }
  expect(await server.shell(`curl http://${management}/api/v1/admin/engine/status`)).toContain('"status":"running"');
  expect(await server.shell(`curl 'http://${management}/api/v1/module-schemas'`)).toContain('"http.server"');
});

test("references to the environment are replaced, and those that resolve to nothing are kept", async () => {
  const pipeline = `pipelines:
  show:
    trigger: { type: http, config: { method: GET, path: /show } }
    steps:
      - name: answer
        type: step.json_response
        config:
          body:
            plain: "\${DATABASE_URL}"
            explicit: "\${env:DATABASE_URL}"
            vault: "\${vault:path/to/secret#field}"
            aws: "\${aws-sm:secret-name#field}"
            unset: "\${NOT_SET}"
`;
  const yaml = structure.replace(/pipelines:[^]*/, pipeline);
  const environment = { DATABASE_URL: "postgres://host/db" };
  await using server = await start(["-config", "workflow.yaml"], { files: { "workflow.yaml": yaml }, environment });
  expect(await server.shell(`curl http://${server.engine}/show`)).toBe(
    '{"aws":"${aws-sm:secret-name#field}","explicit":"postgres://host/db","plain":"postgres://host/db",' +
      '"unset":"${NOT_SET}","vault":"${vault:path/to/secret#field}"} 200',
  );
  expect(server.log.match(/level=WARN msg="[^"]*stays as it is/g)).toHaveLength(3);
});

test("a configuration is validated by the guide's curl line", async () => {
  const files = { "workflow.yaml": structure, "bad.yaml": structure.replace("name: httpRouter", "name: httpRoute") };
  await using server = await start(["-config", "workflow.yaml"], { files });
  const validate = (file: string) => `curl -X POST http://${server.management}/api/v1/admin/engine/validate \\
  -H "Content-Type: application/yaml" \\
  --data-binary @${file}`;
  expect(await server.shell(validate("workflow.yaml"))).toBe(
    '{"errors":[],"problems":[],"valid":true,"warnings":[]} 200',
  );
  const refused = await server.shell(validate("bad.yaml"));
  expect(refused).toContain("15:9: module 'userHandler' depends on 'httpRouter' which is not defined");
  expect(refused).toContain('"valid":false');
});

test("a configuration is reloaded by the guide's curl line, and a wrong one leaves the old one serving", async () => {
  const files = {
    "workflow.yaml": structure,
    "updated-workflow.yaml": structure.replace("/api/users", "/api/people"),
    "bad.yaml": structure.replace("name: httpRouter", "name: httpRoute"),
  };
  await using server = await start(["-config", "workflow.yaml"], { files });
  const reload = (file: string) => `curl -X POST http://${server.management}/api/v1/admin/engine/reload \\
  -H "Content-Type: application/yaml" \\
  --data-binary @${file}`;
  const refused = await server.shell(reload("bad.yaml"));
  expect(refused).toContain(
    "\"error\":\"failed to build workflow: module 'userHandler' depends on 'httpRouter' which is not defined\"",
  );
  expect(refused).toEndWith(" 422");
  expect(await server.shell(`curl http://${server.engine}/api/users`)).toBe(users);
  expect(await server.shell(reload("updated-workflow.yaml"))).toBe('{"status":"reloaded","warnings":[]} 200');
  expect(await server.shell(`curl http://${server.engine}/api/people`)).toBe(users);
  expect(await server.shell(`curl -o /dev/null http://${server.engine}/api/users`)).toBe("404");
});

test("a module that depends on nothing defined keeps the server from starting, in the guide's words", async () => {
  const files = { "workflow.yaml": structure.replace("name: httpRouter", "name: httpRoute") };
  const { code, stderr } = await runExecutable(["-config", "workflow.yaml", "-mgmt-addr", ":0"], { files });
  expect(code).toBe(1);
  expect(stderr).toStartWith(
    "Setup error: failed to build workflow: module 'userHandler' depends on 'httpRouter' which is not defined",
  );
  expect(stderr).toContain("workflow.yaml:15:9");
  expect(stderr).toContain("did you mean 'httpRoute' (line 7)?");
});

test("a missing file is named, with where it was looked for", async () => {
  const { code, stderr } = await runExecutable(["-config", "missing.yaml"]);
  expect(code).toBe(1);
  expect(stderr).toStartWith("Configuration error: failed to load configuration: ");
  expect(stderr).toContain("missing.yaml");
  expect(stderr).toContain("relative paths start from the working directory");
});

test("a port that is in use is named, with the guide's cure", async () => {
  const taken = Bun.serve({ port: 0, fetch: () => new Response("taken") });
  try {
    const files = { "workflow.yaml": structure };
    const address = `:${taken.port}`;
    const args = ["-config", "workflow.yaml", "-mgmt-addr", ":0", "-addr", address];
    const { code, stderr } = await runExecutable(args, { files });
    expect(code).toBe(1);
    expect(stderr).toContain(`port ${taken.port} is already in use`);
    expect(stderr).toContain("-addr");
  } finally {
    await taken.stop(true);
  }
});

test("step.log shows the data of the run at the level debug", async () => {
  const pipeline = `pipelines:
  show:
    trigger: { type: http, config: { method: GET, path: /show } }
    steps:
      - name: debug
        type: step.log
        config:
          message: "After validation"
          level: debug
`;
  const files = { "workflow.yaml": structure.replace(/pipelines:[^]*/, pipeline) };
  await using server = await start(["-config", "workflow.yaml", "-log-level", "debug"], { files });
  expect(await server.shell(`curl 'http://${server.engine}/show?colour=blue'`)).toEndWith(" 202");
  const [line] = await server.logged(/.*msg="After validation".*/);
  expect(line).toContain("level=DEBUG");
  expect(line).toContain("blue");
});
