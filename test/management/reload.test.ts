import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { serve, type TestServer, withServer } from "../harness/server.ts";

const reloadPath = "/api/v1/admin/engine/reload";
const answering = (version: string) =>
  withServer(`pipelines:
  p:
    trigger: { type: http, config: { method: GET, path: /p } }
    steps: [{ name: a, type: step.json_response, config: { body: { version: "${version}" } } }]
`);
const reload = (server: TestServer, body?: string, headers: Record<string, string> = {}) =>
  server.manage(reloadPath, { method: "POST", headers, ...(body === undefined ? {} : { body }) });
const version = async (server: TestServer) => (await server.get("/p")).json();

test("a reload without a body reads the file again", async () => {
  await using server = await serve(answering("1"));
  writeFileSync(join(server.directory, "workflow.yaml"), answering("2"));
  const answer = await reload(server);
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual({ status: "reloaded", warnings: [] });
  expect(await version(server)).toEqual({ version: "2" });
});

test("a reload with a body leaves the file alone", async () => {
  await using server = await serve(answering("1"));
  await reload(server, answering("2"));
  expect(await version(server)).toEqual({ version: "2" });
  expect(await Bun.file(join(server.directory, "workflow.yaml")).text()).toBe(answering("1"));
  await reload(server);
  expect(await version(server)).toEqual({ version: "1" });
});

test("an invalid configuration is 422 with every problem, and the old one goes on", async () => {
  await using server = await serve(answering("1"));
  const answer = await reload(server, "modules: [{ name: a, type: nope }, { name: b, type: gone }]\n");
  expect(answer.status).toBe(422);
  expect(await answer.json()).toMatchObject({
    error:
      "failed to build workflow: config validation failed with 2 error(s):\n" +
      '  - modules[0].type: unknown module type "nope"\n  - modules[1].type: unknown module type "gone"',
    errors: [
      'request:1:28: modules[0].type: unknown module type "nope"',
      'request:1:53: modules[1].type: unknown module type "gone"',
    ],
  });
  expect(await version(server)).toEqual({ version: "1" });
  expect(server.records.filter(({ message }) => message === "Config reload failed")).toHaveLength(2);
});

test("a configuration that does not start is 422, says why, and is rolled back", async () => {
  await using server = await serve(answering("1"));
  using other = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("other") });
  const body = `modules: [{ name: s, type: http.server, config: { address: "127.0.0.1:${other.port}" } }]\n`;
  const answer = await reload(server, body);
  expect(answer.status).toBe(422);
  const text = `listen on 127.0.0.1:${other.port}: port ${other.port} is already in use`;
  expect(await answer.json()).toMatchObject({
    error: text,
    rolledBack: true,
    errors: [expect.stringContaining(`request:1:60: ${text}`)],
  });
  expect(await version(server)).toEqual({ version: "1" });
});

test("a file that has become unreadable is 400, logged, and the old configuration goes on", async () => {
  await using server = await serve(answering("1"));
  writeFileSync(join(server.directory, "workflow.yaml"), "modules: [\n");
  const answer = await reload(server);
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ error: expect.stringContaining("failed to parse config file: yaml: ") });
  expect(await version(server)).toEqual({ version: "1" });
  const logged = server.records.find(({ message }) => message === "Config reload failed");
  expect(logged?.attributes.error).toContain("workflow.yaml:2:1");
});

test("If-Match lets a change pass only on the configuration that it was made for", async () => {
  await using server = await serve(answering("1"));
  const tag = (await server.manage("/api/v1/admin/engine/status")).headers.get("etag") ?? "";
  const stale = await reload(server, answering("2"), { "if-match": '"0000"' });
  expect(stale.status).toBe(412);
  expect(await stale.json()).toEqual({ error: "the running configuration is not the one that If-Match names" });
  expect(await version(server)).toEqual({ version: "1" });
  expect((await reload(server, answering("2"), { "if-match": `"0000", ${tag}` })).status).toBe(200);
  expect((await reload(server, answering("3"), { "if-match": tag })).status).toBe(412);
  expect((await reload(server, answering("3"), { "if-match": "*" })).status).toBe(200);
  expect(await version(server)).toEqual({ version: "3" });
});

test("of two changes that were made for one configuration, one passes", async () => {
  await using server = await serve(answering("1"));
  const headers = { "if-match": `"${server.engine.configHash}"` };
  const answers = await Promise.all([reload(server, answering("2"), headers), reload(server, answering("3"), headers)]);
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 412]);
});

test("of three changes at once the second gives way to the third with 409", async () => {
  await using server = await serve(answering("1"));
  const answers = await Promise.all(["2", "3", "4"].map((name) => reload(server, answering(name))));
  expect(answers.map(({ status }) => status)).toEqual([200, 409, 200]);
  expect(await answers[1]?.json()).toEqual({ error: "a newer reload took the place of this one" });
  expect(await version(server)).toEqual({ version: "4" });
});

test("relative names of a posted configuration start at the running one's directory", async () => {
  await using server = await serve(answering("1"), { files: { "more/part.yaml": answering("imported") } });
  expect((await reload(server, "imports: [more/part.yaml]\n")).status).toBe(200);
  expect(await version(server)).toEqual({ version: "imported" });
});
