import { expect, test } from "bun:test";
import { serve, withServer } from "../harness/server.ts";

test("a request that takes longer than the server's writeTimeout is ended with 504", async () => {
  const hung = Promise.withResolvers<Response>();
  using backend = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => hung.promise });
  const yaml = withServer(`pipelines:
  p:
    trigger: { type: http, config: { method: GET, path: /p } }
    steps: [{ name: call, type: step.http_call, config: { url: "http://127.0.0.1:${backend.port}/", timeout: 60s } }]
`).replace('address: "127.0.0.1:0"', 'address: "127.0.0.1:0", writeTimeout: 1ms');
  await using server = await serve(yaml);
  const answer = await server.get("/p");
  hung.resolve(new Response("late"));
  expect(answer.status).toBe(504);
  expect(await answer.json()).toMatchObject({ error: "the request took too long" });
});
