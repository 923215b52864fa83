import { expect, test } from "bun:test";
import { helloYaml, runProcess } from "../harness/process.ts";

const limitMs = 20_000;

test.each([
  ["-version", /^workflow \S+ \(\S+\)\n$/],
  ["--version", /^workflow \S+ \(\S+\)\n$/],
  ["version", /^workflow \S+ \(\S+\)\n$/],
  ["-help", /^Usage: server \[flags\]\n[\s\S]*-config FILE[\s\S]*WORKFLOW_CONFIG/],
  ["-h", /^Usage: server \[flags\]\n/],
])(
  "%s prints and ends well",
  async (argument, expected) => {
    const { code, stdout, stderr } = await runProcess([argument]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(expected);
  },
  limitMs,
);

test.each([
  [["-no-such-flag"], "unknown flag: -no-such-flag (see -help)"],
  [["--confg", "x"], "unknown flag: -confg (did you mean -config? see -help)"],
  [["-addr"], "flag -addr needs a value (write -addr=ADDRESS)"],
  [["-watch=perhaps"], '-watch must be true or false, got "perhaps" (see -help)'],
  [
    ["-addr", "8080"],
    '-addr: invalid address "8080": expected host:port (write ":8080", "127.0.0.1:8080" or "[::1]:8080")',
  ],
  [["-mgmt-addr", ":99999"], '-mgmt-addr: invalid address ":99999": expected host:port'],
  [["-metrics-addr", "x"], '-metrics-addr: invalid address "x": expected host:port'],
  [["-log-level", "loud"], '-log-level must be one of debug, info, warn, error, got "loud" (see -help)'],
  [["-log-format", "xml"], '-log-format must be one of text, json, got "xml" (see -help)'],
  [
    ["-trusted-proxies", "10.0.0.0/"],
    '-trusted-proxies: "10.0.0.0/" is not an address, a CIDR block, "loopback" or "private" (see -help)',
  ],
  [["workflow.yaml"], "unknown command: workflow.yaml (to run a file write: server -config workflow.yaml)"],
  [["start"], "unknown command: start (see -help)"],
  [["validate"], "validate needs a file (write: server validate workflow.yaml)"],
  [["validate", "-addr", ":1", "a.yaml"], 'flag -addr has no meaning for "validate" (see -help)'],
  [["-strict"], "flag -strict has no meaning for a server (see -help)"],
])(
  "%j is not understood: one line and exit code 2",
  async (args, expected) => {
    const { code, stdout, stderr } = await runProcess(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toStartWith(expected);
    expect(stderr.match(/\n/g)).toHaveLength(1);
  },
  limitMs,
);

test.each([
  ["-database-dsn", "keeping versions, executions and locks in PostgreSQL comes with multi-workflow mode"],
  ["-multi-workflow-addr", "its API comes with multi-workflow mode"],
  ["-load-workflows", "running several configurations side by side comes with workflow management"],
  ["-import-bundle", "importing bundles comes with workflow management"],
  ["-admin-ui-dir", "the admin UI is not part of it"],
])(
  "%s is refused, since ignoring it would lose what is expected of it",
  async (flag, reason) => {
    const { code, stdout, stderr } = await runProcess([flag, "x"]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toStartWith(`flag ${flag} is not available yet: ${reason} (start without ${flag}`);
    expect(stderr.match(/\n/g)).toHaveLength(1);
  },
  limitMs,
);

test(
  "a short JWT secret is refused with the way to make one, and is not shown",
  async () => {
    const { code, stderr } = await runProcess([], { environment: { WORKFLOW_JWT_SECRET: "your-secret-key" } });
    expect(code).toBe(1);
    expect(stderr).toBe("-jwt-secret has 15 bytes, at least 32 are needed (make one with: openssl rand -base64 32)\n");
  },
  limitMs,
);

const bad = `modules:
  - name: userHandler
    type: http.handler
    dependsOn: [httpRoute]
  - name: httpRouter
    type: http.router
`;

test.each([
  [
    "a missing file",
    "missing.yaml",
    "",
    "Configuration error: failed to load configuration: failed to read config file: open missing.yaml: " +
      "no such file or directory (check the path; relative paths start from the working directory)\n",
  ],
  [
    "broken YAML",
    "a.yaml",
    "modules: [\n",
    "Configuration error: failed to load configuration: failed to parse config file: yaml: " +
      "Flow sequence in block collection must be sufficiently indented and end with a ] [a.yaml:2:1]\n",
  ],
  [
    "an undefined dependency",
    "a.yaml",
    bad,
    "Setup error: failed to build workflow: module 'userHandler' depends on 'httpRoute' which is not defined " +
      "[a.yaml:4:17] (did you mean 'httpRouter' (line 5)?)\n",
  ],
  [
    "several problems",
    "a.yaml",
    `${bad}  - name: other\n    type: htp.server\n`,
    "Setup error: failed to build workflow: config validation failed with 2 error(s):\n" +
      "  - a.yaml:4:17: module 'userHandler' depends on 'httpRoute' which is not defined " +
      "(did you mean 'httpRouter' (line 5)?)\n" +
      '  - a.yaml:8:11: modules[2].type: unknown module type "htp.server" (did you mean "http.server"?)\n',
  ],
])(
  "%s ends the start with exit code 1, places and hints, and no stack",
  async (_what, name, yaml, expected) => {
    const { code, stderr } = await runProcess(["-config", name, "-mgmt-addr", "127.0.0.1:0"], {
      files: { "a.yaml": yaml },
    });
    expect(code).toBe(1);
    expect(stderr).toBe(expected);
  },
  limitMs,
);

test(
  "validate prints errors and warnings of every file and fails when there is an error",
  async () => {
    const files = { "bad.yaml": bad, "good.yaml": helloYaml(":0", "pipeline: {}\n") };
    const both = await runProcess(["validate", "bad.yaml", "good.yaml"], { files });
    expect(both).toEqual({
      code: 1,
      stderr: "",
      stdout: [
        "error: bad.yaml:4:17: module 'userHandler' depends on 'httpRoute' which is not defined " +
          "(did you mean 'httpRouter' (line 5)?)",
        "warning: bad.yaml:1:1: config has no entry points (no triggers, HTTP routes, messaging subscriptions, " +
          "scheduler jobs, or pipelines); add entry points or set allow_no_entry_points for embeddable sub-workflows",
        "bad.yaml: invalid, 1 error(s), 1 warning(s)",
        'warning: good.yaml:15:1: pipeline: "pipeline" is not known here and has no effect ' +
          '(did you mean "pipelines"?)',
        "good.yaml: valid, 0 error(s), 1 warning(s)",
        "",
      ].join("\n"),
    });
    expect(await runProcess(["validate", "good.yaml"], { files })).toMatchObject({ code: 0 });
    expect(await runProcess(["validate", "-config", "good.yaml"], { files })).toMatchObject({ code: 0 });
    const strict = await runProcess(["validate", "-strict", "good.yaml"], { files });
    expect(strict).toMatchObject({ code: 1, stdout: expect.stringMatching(/^error: good\.yaml:15:1: pipeline: /) });
  },
  limitMs,
);

test(
  "healthcheck fails when nothing answers",
  async () => {
    const { code, stderr } = await runProcess(["healthcheck", "-mgmt-addr", "127.0.0.1:1"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^http:\/\/127\.0\.0\.1:1\/healthz: [^\n]+\n$/);
  },
  limitMs,
);

test("the files of an application run as one; a conflict between them keeps it from starting", async () => {
  const files = {
    "app.yaml": "application: { name: shop, workflows: [{ file: a.yaml }, { file: b.yaml }] }\n",
    "a.yaml": "modules: [{ name: hello, type: http.handler }]\npipelines: { p: { steps: [] } }\n",
    "b.yaml": "modules: [{ name: other, type: http.handler }]\n",
  };
  expect(await runProcess(["validate", "app.yaml"], { files })).toMatchObject({
    code: 0,
    stdout: "app.yaml: valid, 0 error(s), 0 warning(s)\n",
  });
  const clash = { ...files, "b.yaml": "modules: [{ name: hello, type: http.handler }]\n" };
  const { code, stderr } = await runProcess(["-config", "app.yaml"], { files: clash });
  expect(code).toBe(1);
  expect(stderr).toMatch(
    new RegExp(
      "^Configuration error: failed to load configuration: failed to merge application config: " +
        'application "shop": module name conflict: module "hello" is defined in both "a" and "b" ' +
        String.raw`\[/[^\n]*/b\.yaml:1:19\]\n$`,
    ),
  );
}, 20_000);
