import { expect, test } from "bun:test";
import { statSync } from "node:fs";
import { join } from "node:path";
import { openRequest } from "../harness/open_request.ts";
import { freePort, helloYaml, runProcess, startProcess, startServerProcess } from "../harness/process.ts";

const limitMs = 20_000;
const longSecret = "0123456789abcdef0123456789abcdef";

/** A pipeline that reads the body, so that a request waits for it. */
const echoYaml = helloYaml(
  "127.0.0.1:0",
  `pipelines:
  echo:
    trigger: { type: http, config: { method: POST, path: /echo } }
    steps:
      - { name: answer, type: step.json_response, config: { body: { got: "{{ .body.a }}" } } }
      `,
);

function portOf(url: string): number {
  return Number(new URL(url).port);
}

test(
  "a started server says so as key=value lines, answers, and ends well on SIGTERM",
  async () => {
    await using server = await startServerProcess(helloYaml());
    expect(await (await fetch(`${server.engineUrl}/hello`)).json()).toEqual({
      handler: "hello",
      message: "Default handler response",
      status: "success",
    });
    expect((await fetch(`${server.managementUrl}/healthz`)).status).toBe(200);
    server.signal("SIGTERM");
    const { code, stdout, stderr } = await server.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const lines = stdout.trimEnd().split("\n");
    for (const line of lines)
      expect(line).toMatch(/^time=\S+Z level=(INFO|WARN) msg=("[^"]*"|\S+)( \w+=("[^"]*"|\S+))*$/);
    expect(lines.map((line) => line.replace(/^time=\S+ /, ""))).toEqual([
      'level=INFO msg="System hierarchy ready" dataDir=./data',
      `level=INFO msg="Admin UI on http://localhost:${portOf(server.managementUrl)}"`,
      `level=INFO msg="Workflow engine on 127.0.0.1:${portOf(server.engineUrl)}"`,
      'level=INFO msg="Shutting down..." signal=SIGTERM',
      'level=INFO msg="Shutdown complete"',
    ]);
  },
  limitMs,
);

test(
  "-log-format json writes one object a line",
  async () => {
    await using server = await startServerProcess(helloYaml(), ["-log-format=json"]);
    server.signal("SIGINT");
    const { code, stdout } = await server.ended;
    expect(code).toBe(0);
    const records = stdout
      .trimEnd()
      .split("\n")
      .map((line): unknown => JSON.parse(line));
    expect(records).toContainEqual({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      level: "INFO",
      msg: `Workflow engine on 127.0.0.1:${portOf(server.engineUrl)}`,
    });
    expect(records.at(-1)).toMatchObject({ level: "INFO", msg: "Shutdown complete" });
  },
  limitMs,
);

test(
  "-log-level decides what is logged",
  async () => {
    const args = ["-config", "workflow.yaml", "-mgmt-addr", "127.0.0.1:0", "-log-level"];
    const files = { "workflow.yaml": helloYaml("127.0.0.1:0", "pipeline: {}\n") };
    await using debug = startProcess([...args, "DEBUG"], { files });
    await debug.printed(/level=DEBUG msg="Using factory for module type: http.router" module=router/);
    await debug.printed(/level=INFO msg="Workflow engine on/);
    await using warn = startProcess([...args, "warn"], { files });
    await warn.printed(/level=WARN msg="workflow.yaml:15:1: pipeline: /);
    expect(warn.count(/level=INFO/)).toBe(0);
  },
  limitMs,
);

test(
  "without -config the admin platform runs alone",
  async () => {
    await using admin = startProcess(["-mgmt-addr", "127.0.0.1:0"]);
    const [, port] = await admin.printed(/Admin UI on http:\/\/localhost:(\d+)/);
    const status = await fetch(`http://127.0.0.1:${port}/api/v1/admin/engine/status`);
    expect(await status.json()).toMatchObject({ status: "running", moduleCount: 0, configPath: null, addresses: [] });
    const reload = await fetch(`http://127.0.0.1:${port}/api/v1/admin/engine/reload`, { method: "POST" });
    expect(reload.status).toBe(503);
    expect(await reload.json()).toEqual({ error: "reload not configured" });
    expect(admin.count(/msg="No config file specified, using empty workflow config"/)).toBe(1);
    expect(admin.count(/Workflow engine on/)).toBe(0);
  },
  limitMs,
);

test.each([
  ["as configured", [] as string[], {}, "config"],
  ["WORKFLOW_ADDR", [] as string[], { WORKFLOW_ADDR: "127.0.0.1:PORT1" }, "PORT1"],
  ["-addr over WORKFLOW_ADDR", ["-addr", "127.0.0.1:PORT2"], { WORKFLOW_ADDR: "127.0.0.1:PORT1" }, "PORT2"],
])(
  "the address of the first http.server: %s",
  async (_what, args, environment, expected) => {
    const ports: Record<string, string> = {
      config: String(freePort()),
      PORT1: String(freePort()),
      PORT2: String(freePort()),
    };
    const fill = (text: string) => text.replace(/PORT\d/, (name) => ports[name] ?? name);
    await using server = await startServerProcess(helloYaml(`127.0.0.1:${ports.config}`), args.map(fill), {
      environment: Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, fill(value)])),
    });
    expect(String(portOf(server.engineUrl))).toBe(ports[expected] ?? "");
    expect((await fetch(`${server.engineUrl}/hello`)).status).toBe(200);
  },
  limitMs,
);

test(
  "a port that is taken is named, with the place and what to do",
  async () => {
    await using first = await startServerProcess(helloYaml());
    const port = portOf(first.engineUrl);
    const engine = await runProcess(["-config", "a.yaml", "-mgmt-addr", "127.0.0.1:0"], {
      files: { "a.yaml": helloYaml(`127.0.0.1:${port}`) },
    });
    expect(engine.code).toBe(1);
    expect(engine.stderr).toBe(
      `Setup error: listen on 127.0.0.1:${port}: port ${port} is already in use [a.yaml:4:24] ` +
        `(find who has it with "lsof -i :${port}", or listen elsewhere with -addr :<port>)\n`,
    );
    const management = await runProcess(["-mgmt-addr", `127.0.0.1:${port}`]);
    expect(management.code).toBe(1);
    expect(management.stderr).toBe(
      `Setup error: listen on 127.0.0.1:${port}: port ${port} is already in use ` +
        `(find who has it with "lsof -i :${port}", or listen elsewhere with -mgmt-addr :<port>)\n`,
    );
  },
  limitMs,
);

test.each([
  ["in the configuration", ":8081", [], {}],
  ["by a variable", "${PLACE}", [], { PLACE: "127.0.0.1:8081" }],
  ["with -addr", "127.0.0.1:0", ["-addr", "127.0.0.1:8081"], {}],
])(
  "a server that wants port 8081 %s gets it, and the admin UI the next free one",
  async (_what, address, args, environment) => {
    await using server = startProcess(["-config", "a.yaml", ...args], {
      files: { "a.yaml": helloYaml(address) },
      environment,
    });
    const [, port] = await server.printed(
      /level=WARN msg="The configuration uses port 8081, so the admin UI is on port (\d+); choose with -mgmt-addr"/,
    );
    expect(Number(port)).toBeGreaterThan(8081);
    await server.printed(new RegExp(`Admin UI on http://localhost:${port}"`));
    await server.printed(/Workflow engine on \S*:8081"/);
  },
  limitMs,
);

test(
  "a request in flight is finished after SIGTERM, and no new one is taken",
  async () => {
    await using server = await startServerProcess(echoYaml);
    const port = portOf(server.engineUrl);
    using request = await openRequest(port, "/echo", '{"a":"kept"}');
    server.signal("SIGTERM");
    await server.printed(/Shutting down/);
    await expect(fetch(`${server.engineUrl}/hello`)).rejects.toThrow();
    expect(await request.finish()).toContain('{"got":"kept"}');
    expect(await server.ended).toMatchObject({ code: 0, stdout: expect.stringContaining("Shutdown complete") });
  },
  limitMs,
);

test(
  "a second signal ends the server at once",
  async () => {
    await using server = await startServerProcess(echoYaml);
    using request = await openRequest(portOf(server.engineUrl), "/echo", '{"a":"lost"}');
    server.signal("SIGTERM");
    await server.printed(/Shutting down/);
    server.signal("SIGINT");
    const { code, stdout } = await server.ended;
    expect(code).toBe(1);
    expect(stdout).not.toContain("Shutdown complete");
    expect(await request.closed).not.toContain("200 OK");
  },
  limitMs,
);

test(
  "an idle keep-alive connection does not delay the end",
  async () => {
    await using server = await startServerProcess(helloYaml());
    const answer = await fetch(`${server.engineUrl}/hello`, { headers: { connection: "keep-alive" } });
    await answer.text();
    server.signal("SIGTERM");
    expect((await server.ended).code).toBe(0);
  },
  limitMs,
);

test.each([
  [["-jwt-secret", longSecret], "-jwt-secret", "signing tokens of the management API comes with accounts"],
  [["-admin-email", "a@b.example"], "-admin-email", "the first admin account comes with accounts"],
  [["-admin-password", "x"], "-admin-password", "the first admin account comes with accounts"],
  [["-restore-admin"], "-restore-admin", "an admin configuration that can be restored comes with workflow management"],
  [["-anthropic-key", "x"], "-anthropic-key", "generating components and workflows comes with AI-assisted authoring"],
  [["-anthropic-model", "x"], "-anthropic-model", "choosing a model comes with AI-assisted authoring"],
  [["-copilot-cli", "x"], "-copilot-cli", "asking the Copilot CLI comes with AI-assisted authoring"],
  [["-copilot-model", "x"], "-copilot-model", "asking the Copilot CLI comes with AI-assisted authoring"],
])(
  "%j has no effect yet, and the log says so",
  async (args, flag, reason) => {
    await using server = startProcess(["-mgmt-addr", "127.0.0.1:0", ...args]);
    await server.printed(new RegExp(`level=WARN msg="flag ${flag} has no effect in this version: ${reason}"`));
    await server.printed(/Admin UI on/);
  },
  limitMs,
);

test(
  "a flag that finds nothing to act on is named in the log, and no secret is",
  async () => {
    await using server = startProcess([
      "-mgmt-addr",
      "127.0.0.1:0",
      "-watch",
      "-addr",
      ":9",
      "-jwt-secret",
      longSecret,
    ]);
    await server.printed(/level=WARN msg="flag -watch has no effect: there is no -config file to watch"/);
    await server.printed(/level=WARN msg="flag -addr has no effect: the configuration has no http.server"/);
    await server.printed(/Admin UI on/);
    server.signal("SIGTERM");
    expect((await server.ended).stdout).not.toContain(longSecret);
  },
  limitMs,
);

test(
  "-metrics-addr serves the metrics, and only them, on another address too",
  async () => {
    await using server = await startServerProcess(helloYaml(), ["-metrics-addr", "127.0.0.1:0"]);
    const [, port] = await server.printed(/Metrics on port (\d+)/);
    const get = (path: string, method = "GET") => fetch(`http://127.0.0.1:${port}${path}`, { method });
    expect(await (await get("/metrics")).text()).toContain("# TYPE workflow_executions_total counter");
    expect((await get("/metrics", "POST")).headers.get("allow")).toBe("GET, HEAD");
    expect((await get("/api/v1/admin/engine/status")).status).toBe(404);
    expect((await fetch(`${server.managementUrl}/metrics`)).status).toBe(200);
  },
  limitMs,
);

test(
  "-data-dir is made for the server's user alone",
  async () => {
    await using server = await startServerProcess(helloYaml(), ["-data-dir", "var/data"]);
    expect((statSync(join(server.directory, "var/data")).mode & 0o777).toString(8)).toBe("750");
  },
  limitMs,
);

test(
  "a data directory that cannot be made is a warning",
  async () => {
    const args = ["-mgmt-addr", "127.0.0.1:0", "-data-dir", "file/data"];
    await using server = startProcess(args, { files: { file: "" } });
    await server.printed(/level=WARN msg="The data directory cannot be made" dataDir=file\/data error=/);
    await server.printed(/Admin UI on/);
    expect(server.count(/System hierarchy ready/)).toBe(0);
  },
  limitMs,
);

test(
  "-license-key is a variable of the configuration",
  async () => {
    const yaml = helloYaml().replace("dependsOn: [router]", 'config: { contentType: "text/${WORKFLOW_LICENSE_KEY}" }');
    await using server = await startServerProcess(yaml, ["-license-key", "abc"]);
    expect((await fetch(`${server.engineUrl}/hello`)).headers.get("content-type")).toBe("text/abc");
  },
  limitMs,
);

test(
  "-admin-open lets in who names another host; -trusted-proxies decides who it was",
  async () => {
    const headers = { host: "admin.example", "x-forwarded-for": "192.0.2.7" };
    const path = "/api/v1/admin/engine/status";
    await using closed = await startServerProcess(helloYaml());
    expect((await fetch(closed.managementUrl + path, { headers })).status).toBe(401);
    await closed.printed(/level=WARN msg="Management request refused" client=192\.0\.2\.7 method=GET/);
    await using direct = await startServerProcess(helloYaml(), ["-trusted-proxies", "203.0.113.0/24"]);
    expect((await fetch(direct.managementUrl + path, { headers })).status).toBe(401);
    await direct.printed(/msg="Management request refused" client=127\.0\.0\.1 method=GET/);
    await using open = await startServerProcess(helloYaml(), ["-admin-open"]);
    expect((await fetch(open.managementUrl + path, { headers })).status).toBe(200);
  },
  limitMs,
);

test(
  "-dev shows clients why a request failed",
  async () => {
    const failing = helloYaml(
      "127.0.0.1:0",
      `pipelines:
  p:
    trigger: { type: http, config: { method: GET, path: /p } }
    steps:
      - { name: compute, type: step.set, config: { values: { a: "{{ .missing.x }}" } } }
`,
    );
    await using plain = await startServerProcess(failing);
    const hidden = await (await fetch(`${plain.engineUrl}/p`)).json();
    expect(hidden).toEqual({ error: "internal error", id: expect.any(String) });
    await using dev = await startServerProcess(failing, ["-dev"]);
    const shown = await (await fetch(`${dev.engineUrl}/p`)).json();
    expect(shown).toMatchObject({ error: expect.stringContaining('step "compute" failed') });
  },
  limitMs,
);

test(
  "healthcheck asks the management port",
  async () => {
    await using server = await startServerProcess(helloYaml());
    const address = `127.0.0.1:${portOf(server.managementUrl)}`;
    expect(await runProcess(["healthcheck", "-mgmt-addr", address])).toEqual({ code: 0, stdout: "", stderr: "" });
    const environment = { WORKFLOW_MGMT_ADDR: address };
    expect(await runProcess(["healthcheck"], { environment })).toMatchObject({ code: 0 });
  },
  limitMs,
);

test(
  "-watch reloads when the file changes, and keeps the old configuration when the new one is wrong",
  async () => {
    await using server = await startServerProcess(helloYaml(), ["-watch"]);
    await server.printed(/msg="Config file watcher started" file=workflow\.yaml/);
    server.write("workflow.yaml", helloYaml("127.0.0.1:0", "nonsense: [\n"));
    await server.printed(/level=ERROR msg="Config reload failed" error="failed to parse config file: /);
    server.write(
      "workflow.yaml",
      helloYaml().replace("path: /hello", "path: /hello, handlr: x").replace("handler: hello", "handler: helo"),
    );
    await server.printed(
      /level=ERROR msg="Config reload failed" error="workflow\.yaml:14:\d+: [^"]*service 'helo' is not defined/,
    );
    expect((await fetch(`${server.engineUrl}/hello`)).status).toBe(200);
    server.write("workflow.yaml", helloYaml().replace("path: /hello", "path: /changed"));
    await server.printed(/msg="Engine reloaded successfully — all services preserved"/);
    const changed = await fetch(`${server.managementUrl}/api/v1/admin/engine/status`);
    expect(await changed.json()).toMatchObject({ generation: 2, lastReload: { ok: true } });
  },
  limitMs,
);
