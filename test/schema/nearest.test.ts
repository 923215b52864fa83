import { expect, test } from "bun:test";
import { nearestName, snakeCase } from "../../src/schema/nearest.ts";

test.each([
  ["adress", ["address", "readTimeout"], "address"],
  ["httpRoute", ["httpServer", "httpRouter"], "httpRouter"],
  ["content_type", ["contentType"], "contentType"],
  ["CONTENT-TYPE", ["contentType"], "contentType"],
  ["raed", ["read", "lead"], "read"],
  ["step.valdiate", ["step.validate", "step.delegate"], "step.validate"],
  ["b", ["a"], "a"],
  ["ab", ["cd"], undefined],
  ["address", ["port", "host"], undefined],
  ["x", [], undefined],
])("of %p the nearest name in %p is %p", (name, candidates, near) => {
  expect(nearestName(name, candidates)).toBe(near);
});

test("of two that are equally near the first is taken", () => {
  expect(nearestName("read", ["road", "lead"])).toBe("road");
});

test.each([
  ["contentType", "content_type"],
  ["webhookURL", "webhook_url"],
  ["accessKeyId", "access_key_id"],
  ["instanceTTL", "instance_ttl"],
  ["URLPrefix", "url_prefix"],
  ["already_snake", "already_snake"],
  ["word", "word"],
])("%s in snake case is %s", (camel, snake) => {
  expect(snakeCase(camel)).toBe(snake);
});
