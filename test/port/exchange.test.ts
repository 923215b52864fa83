import { expect, test } from "bun:test";
import { Exchange, insideConnection } from "../../src/port/exchange.ts";

test.each([
  ["GET", { "content-length": "2" }, undefined, false],
  ["HEAD", { "content-length": "2" }, undefined, false],
  ["POST", {}, undefined, false],
  ["POST", { "content-length": "0" }, undefined, false],
  ["POST", { "content-length": "2" }, "{}", true],
  ["DELETE", { "content-length": "2" }, "{}", true],
  ["PUT", { "transfer-encoding": "chunked" }, "{}", true],
])("a %s with the headers %j has a body: %p", (method, headers, body, expected) => {
  const request = new Request("http://localhost/", { method, headers, ...(body === undefined ? {} : { body }) });
  expect(new Exchange(request, insideConnection).hasBody).toBe(expected);
});

test("what is added to the headers of one answer is not on the next", () => {
  const sent = Object.freeze({ "content-type": "application/json" });
  const answer = (): Response | undefined => {
    const exchange = new Exchange(new Request("http://localhost/"), insideConnection);
    exchange.respond(201, sent, "{}");
    return exchange.takeReply();
  };
  answer()?.headers.set("x-added", "1");
  expect([...(answer()?.headers ?? [])]).toEqual([["content-type", "application/json"]]);
});
