import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { check, serve, type ServeOptions, withServer } from "../../harness/server.ts";

const build =
  "mkdir -p dist/assets && echo page > dist/index.html && echo code > dist/assets/a.js && echo x > dist/.hidden";

const pipeline = (settings: string) =>
  withServer(`pipelines:
  p:
    trigger: { type: http, config: { method: POST, path: /p } }
    steps:
      - { name: ui, type: step.build_ui, config: ${settings} }
      - name: answer
        type: step.json_response
        config: { body: { ui: { _from: steps.ui }, meta: "{{ .meta.build_output_dir }}" } }
`);

const dirs = "source_dir: web, output_dir: public";
const commands = `install_cmd: "echo installed", build_cmd: "${build}"`;

const options: ServeOptions = {
  files: { "web/package.json": "{}", "public/.gitkeep": "", "public/old.html": "old", "public/old/b.js": "b" },
};

test("installs, builds and replaces the output, and says what it did", async () => {
  await using server = await serve(pipeline(`{ ${dirs}, ${commands} }`), options);
  const { directory } = server;
  const answer = await server.post("/p", {});
  expect(await answer.json()).toEqual({
    ui: {
      phases: [
        { phase: "install", command: "echo installed", output: "installed\n" },
        { phase: "build", command: build, output: "" },
        { phase: "copy", command: `copy ${directory}/web/dist to ${directory}/public`, output: "2 files" },
      ],
      source_dir: `${directory}/web`,
      output_dir: `${directory}/public`,
      dist_dir: `${directory}/web/dist`,
      file_count: 2,
      status: "success",
    },
    meta: `${directory}/public`,
  });
  expect(readFileSync(join(directory, "public/index.html"), "utf8")).toBe("page\n");
  expect(readFileSync(join(directory, "public/assets/a.js"), "utf8")).toBe("code\n");
  const left = [".gitkeep", "old.html", "old", ".hidden"].filter((name) => existsSync(join(directory, "public", name)));
  expect(left).toEqual([".gitkeep"]);
});

test("env is added to the environment of the commands", async () => {
  const tools = `install_cmd: "echo $GREETING $HOME", build_cmd: "mkdir -p dist"`;
  const settings = `{ ${dirs}, env: { GREETING: hello }, ${tools} }`;
  await using server = await serve(pipeline(settings), options);
  expect(await (await server.post("/p", {})).json()).toMatchObject({
    ui: { phases: [{ output: `hello ${process.env["HOME"]}\n` }, {}, {}] },
  });
});

test.each([
  ["installs", "", 'install failed: command "npm install --silent" failed: exit status 127'],
  ["builds", ', install_cmd: "true"', 'build failed: command "npm run build" failed: exit status 127'],
])("npm %s when nothing else is said", async (_name, more, message) => {
  const settings = `{ ${dirs}, env: { PATH: /nowhere }${more} }`;
  await using server = await serve(pipeline(settings), options);
  expect((await server.post("/p", {})).status).toBe(500);
  const record = await server.logged("Step failed");
  expect(record.attributes["error"]).toStartWith(`build_ui step "ui": ${message}`);
});

test.each([
  [
    "a command that fails",
    `{ ${dirs}, install_cmd: "echo oh; echo no >&2; exit 3" }`,
    `install failed: command "echo oh; echo no >&2; exit 3" failed: exit status 3\nOutput: oh\nno\n`,
  ],
  [
    "a build that fails",
    `{ ${dirs}, install_cmd: "true", build_cmd: "false" }`,
    `build failed: command "false" failed: exit status 1\nOutput: `,
  ],
  [
    "a build without dist",
    `{ ${dirs}, install_cmd: "true", build_cmd: "true" }`,
    "build output not found at DIRECTORY/web/dist",
  ],
  [
    "a folder without package.json",
    "{ source_dir: public, output_dir: out }",
    'source_dir "DIRECTORY/public" must contain package.json',
  ],
  [
    "a command that takes too long",
    `{ ${dirs}, timeout: 50ms, install_cmd: "sleep 60" }`,
    "install did not finish within 50 ms",
  ],
])("%s fails the step", async (_name, settings, message) => {
  await using server = await serve(pipeline(settings), options);
  const answer = await server.post("/p", {});
  expect(answer.status).toBe(settings.includes("timeout") ? 504 : 500);
  const record = await server.logged("Step failed");
  expect(record.attributes["error"]).toBe(`build_ui step "ui": ${message.replace("DIRECTORY", server.directory)}`);
});

test.each([
  ["{ output_dir: out }", `'source_dir' is required`],
  ["{ source_dir: web }", `'output_dir' is required`],
  [`{ ${dirs}, timeout: soon }`, `'timeout' cannot be read: invalid duration "soon"`],
])("%s is refused", async (settings, message) => {
  expect((await check(pipeline(settings), options)).errors).toEqual([
    expect.stringContaining(`build_ui step "ui": ${message}`),
  ]);
});
