import { expect, test } from "bun:test";
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { watchFiles } from "../../src/engine/watch.ts";
import { loadConfigFile } from "../../src/config/load.ts";
import { Scope } from "../../src/scope/scope.ts";
import { serve, type TestServer, withServer } from "../harness/server.ts";

const limitMs = 10_000;
const answering = (version: string) => `pipelines:
  p:
    trigger: { type: http, config: { method: GET, path: /p } }
    steps: [{ name: a, type: step.json_response, config: { body: { version: "${version}" } } }]
`;
const importing = (file: string) => `imports: [${file}]\n${withServer("")}`;
const version = async (server: TestServer) => (await server.get("/p")).json();

function watch(server: TestServer): Scope {
  const scope = new Scope("watch");
  watchFiles(server.engine, join(server.directory, "workflow.yaml"), server.services.log, scope);
  return scope;
}

/** Resolves with the next generation's number. */
function reloaded(server: TestServer, number: number): Promise<void> {
  const done = Promise.withResolvers<void>();
  const remove = server.services.logs.subscribe(({ message }) => {
    if (!message.startsWith("Engine reloaded") || server.engine.generationNumber < number) return;
    remove();
    done.resolve();
  });
  return done.promise;
}

test(
  "a change in an imported file counts, also in one that is imported since the last change",
  async () => {
    await using server = await serve(importing("a/part.yaml"), {
      files: { "a/part.yaml": answering("1"), "b/part.yaml": answering("2") },
    });
    await using _scope = watch(server);
    const write = (name: string, text: string) => writeFileSync(join(server.directory, name), text);
    let next = reloaded(server, 2);
    write("a/part.yaml", answering("changed"));
    await next;
    expect(await version(server)).toEqual({ version: "changed" });
    next = reloaded(server, 3);
    write("workflow.yaml", importing("b/part.yaml"));
    await next;
    expect(await version(server)).toEqual({ version: "2" });
    next = reloaded(server, 4);
    write("b/part.yaml", answering("3"));
    await next;
    expect(await version(server)).toEqual({ version: "3" });
  },
  limitMs,
);

test(
  "a file that is replaced through a link, as Kubernetes does, counts",
  async () => {
    await using server = await serve("");
    const { directory } = server;
    for (const [folder, name] of [
      ["v1", "1"],
      ["v2", "2"],
    ] as const) {
      mkdirSync(join(directory, folder));
      writeFileSync(join(directory, folder, "config.yaml"), withServer(answering(name)));
    }
    symlinkSync("v1", join(directory, "..data"));
    symlinkSync("..data/config.yaml", join(directory, "mounted.yaml"));
    const path = join(directory, "mounted.yaml");
    await server.engine.apply(loadConfigFile(path));
    await using scope = new Scope("watch");
    watchFiles(server.engine, path, server.services.log, scope);
    const next = reloaded(server, 3);
    symlinkSync("v2", join(directory, "..data_tmp"));
    renameSync(join(directory, "..data_tmp"), join(directory, "..data"));
    await next;
    expect(await version(server)).toEqual({ version: "2" });
  },
  limitMs,
);

test(
  "a change between reading the file and watching it counts",
  async () => {
    await using server = await serve(withServer(answering("1")));
    writeFileSync(join(server.directory, "workflow.yaml"), withServer(answering("2")));
    const next = reloaded(server, 2);
    await using _scope = watch(server);
    await next;
    expect(await version(server)).toEqual({ version: "2" });
  },
  limitMs,
);

test(
  "writing the same content again is no change",
  async () => {
    const yaml = withServer(answering("1"));
    await using server = await serve(yaml);
    await using _scope = watch(server);
    const next = reloaded(server, 2);
    writeFileSync(join(server.directory, "workflow.yaml"), yaml);
    writeFileSync(join(server.directory, "other.yaml"), "x");
    const probe = Promise.withResolvers<void>();
    const timer = new Scope("probe");
    timer.after("quiet", 700, probe.resolve);
    await Promise.race([next, probe.promise]);
    expect(server.engine.generationNumber).toBe(1);
  },
  limitMs,
);

test("nothing is watched once the scope is closed", async () => {
  await using server = await serve(withServer(answering("1")));
  const scope = watch(server);
  await scope.close();
  expect(scope.size).toBe(0);
});
