import { expect, test } from "bun:test";
import { serve, withServer } from "../harness/server.ts";

test.each([
  ["/healthz", { checks: {}, status: "healthy" }],
  ["/readyz", { status: "ready" }],
  ["/livez", { status: "alive" }],
] as const)(
  "%s answers on the engine's port and on the management port, without a health module",
  async (path, body) => {
    await using server = await serve(withServer(""));
    for (const answer of [await server.get(path), await server.manage(path)]) {
      expect(answer.status).toBe(200);
      expect(answer.headers.get("content-type")).toBe("application/json");
      expect(await answer.json()).toEqual(body);
    }
  },
);

test("a route of the user's on the path of a probe wins on the engine's port, and only there", async () => {
  await using server = await serve(
    withServer(`pipelines:
  own:
    trigger: { type: http, config: { method: GET, path: /healthz } }
    steps:
      - { name: answer, type: step.json_response, config: { body: { mine: true } } }
`),
  );
  expect(await (await server.get("/healthz")).json()).toEqual({ mine: true });
  expect(await (await server.manage("/healthz")).json()).toEqual({ checks: {}, status: "healthy" });
});

test("after the end nothing is ready", async () => {
  const server = await serve(withServer(""));
  await server[Symbol.asyncDispose]();
  const answer = await server.manage("/readyz");
  expect(answer.status).toBe(503);
  expect(await answer.json()).toEqual({ status: "not_ready" });
});
