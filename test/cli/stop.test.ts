import { expect, test } from "bun:test";
import { stopServer } from "../../src/cli/stop.ts";
import { Scope } from "../../src/scope/scope.ts";
import { openRequest } from "../harness/open_request.ts";
import { serve, withServer } from "../harness/server.ts";

const echo = withServer(`
pipelines:
  echo:
    trigger: { type: http, config: { method: POST, path: /echo } }
    steps:
      - { name: answer, type: step.json_response, config: { body: { ok: true } } }
`);

test("an idle server stops without errors and releases what the scope holds", async () => {
  await using server = await serve(echo);
  const scope = new Scope("server");
  const ended: string[] = [];
  scope.defer("watcher", () => void ended.push("watcher"));
  expect(await stopServer(server.engine, scope)).toEqual([]);
  expect(ended).toEqual(["watcher"]);
  expect(server.engine.state).toBe("stopped");
});

test("work that does not finish within the limit is ended, and that is an error", async () => {
  await using server = await serve(echo);
  using request = await openRequest(server.engine.addresses()[0]?.port ?? 0, "/echo", '{"a":1}');
  const errors = await stopServer(server.engine, new Scope("server"), 20);
  expect(errors.map(({ message }) => message)).toEqual(["work in flight did not finish in time and was ended"]);
  expect(await request.closed).not.toContain("200 OK");
});

test("an error while ending a part is given back", async () => {
  await using server = await serve(echo);
  const scope = new Scope("server");
  scope.defer("store", () => {
    throw new Error("disk full");
  });
  const errors = await stopServer(server.engine, scope);
  expect(errors.map(({ message }) => message)).toEqual(["closing server/store failed: disk full"]);
});
