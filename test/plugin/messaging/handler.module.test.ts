import { expect, test } from "bun:test";
import { check, serve } from "../../harness/server.ts";
import { brokerOf, listen, withBus } from "./publisher.ts";

const config = (handler: string, producers = "") =>
  withBus(`
  - { name: log, type: messaging.handler${handler} }
workflows:
  messaging:
    subscriptions: [{ topic: t, handler: log }]
${producers}`);

test("each message is logged, without its content", async () => {
  await using server = await serve(config(""));
  await server.post("/send", { text: "secret" });
  const record = await server.logged("Message received");
  expect(record).toMatchObject({ level: "info", attributes: { handler: "log", topic: "t", bytes: 17 } });
  expect(JSON.stringify(record)).not.toContain("secret");
});

test("messages go on to the topics of forwardTo once they are handled", async () => {
  await using server = await serve(config("", "    producers: [{ name: log, topic: t, forwardTo: [next, last] }]"));
  const next = listen(brokerOf(server, "bus"), "next");
  const last = listen(brokerOf(server, "bus"), "last");
  await server.post("/send", { text: "hi" });
  expect([next.texts, last.texts]).toEqual([['{"text":"hi"}'], ['{"text":"hi"}']]);
});

test("settings it does not have are reported", async () => {
  const { warnings } = await check(config(", config: { watchPath: /tmp }"));
  expect(warnings).toEqual(['11:53: modules[3].config.watchPath: "watchPath" is not known here and has no effect']);
});
