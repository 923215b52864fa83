import { expect, test } from "bun:test";
import { serve, withServer } from "../../harness/server.ts";
import { brokerOf, bytes, listen } from "./publisher.ts";

const config = withServer("  - { name: bridge, type: messaging.broker.eventbus }");

test.each([
  ['{"a":1}', { a: 1 }],
  ["plain text", "plain text"],
])("the message %s is published on the event bus as %p", async (text, expected) => {
  await using server = await serve(config);
  const seen: unknown[] = [];
  server.services.events.subscribe({ topic: "orders.created", onEvent: (_, payload) => void seen.push(payload) });
  await brokerOf(server, "bridge").publish("orders.created", bytes(text));
  expect(seen).toEqual([expected]);
});

test("events reach subscriptions as JSON, also by pattern, under their own topic", async () => {
  await using server = await serve(config);
  const bridge = brokerOf(server, "bridge");
  const topics: string[] = [];
  bridge.subscribe("orders.*", ({ topic }) => void topics.push(topic));
  const heard = listen(bridge, "orders.created");
  await server.services.events.publish("orders.created", { b: 2, a: "<" });
  expect(topics).toEqual(["orders.created"]);
  expect(heard.texts).toEqual([String.raw`{"a":"\u003c","b":2}`]);
});

test("several subscriptions to one topic all get the event, until they end", async () => {
  await using server = await serve(config);
  const bridge = brokerOf(server, "bridge");
  const first = listen(bridge, "t");
  const second = listen(bridge, "t");
  await bridge.publish("t", bytes("1"));
  first.end();
  await bridge.publish("t", bytes("2"));
  expect([first.texts, second.texts]).toEqual([["1"], ["1", "2"]]);
});
