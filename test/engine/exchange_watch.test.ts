import { expect, test } from "bun:test";
import { openRequest } from "../harness/open_request.ts";
import { serve, withServer } from "../harness/server.ts";

test("a request that takes longer than the server's writeTimeout is answered with 504", async () => {
  const yaml = withServer(`
pipelines:
  p:
    trigger: { type: http, config: { method: POST, path: /p } }
    steps:
      - { name: answer, type: step.json_response, config: { body: {} } }
`).replace('address: "127.0.0.1:0"', 'address: "127.0.0.1:0", writeTimeout: 1ms');
  await using server = await serve(yaml);
  using request = await openRequest(server.engine.addresses()[0]?.port ?? 0, "/p", '{"a":1}');
  const answer = await request.closed;
  expect(answer).toContain("HTTP/1.1 504 Gateway Timeout");
  expect(answer).toContain('"error":"the request took too long"');
});
