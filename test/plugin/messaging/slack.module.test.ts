import { expect, test } from "bun:test";
import { check, serve } from "../../harness/server.ts";
import { withBus } from "./publisher.ts";

const config = (settings: string) =>
  withBus(`
  - { name: slack, type: notification.slack, config: ${settings} }
workflows:
  messaging: { subscriptions: [{ topic: t, handler: slack }] }
`);

function slackServer(status: number) {
  const posted: unknown[] = [];
  const server = Bun.serve({
    port: 0,
    async fetch(request) {
      posted.push({ path: new URL(request.url).pathname, body: await request.json() });
      return new Response("ok", { status, headers: { connection: "close" } });
    },
  });
  return { posted, url: `http://localhost:${server.port}/hook`, [Symbol.asyncDispose]: () => server.stop(true) };
}

test.each([
  ["", { username: "workflow-bot" }],
  [", channel: '#ops'", { username: "workflow-bot", channel: "#ops" }],
  [", username: robot", { username: "robot" }],
])("a message is posted as text with the settings {%s}", async (settings, author) => {
  await using slack = slackServer(200);
  await using server = await serve(config(`{ webhookURL: "${slack.url}"${settings} }`));
  await server.post("/send", { text: "hi" });
  expect(slack.posted).toEqual([{ path: "/hook", body: { ...author, text: '{"text":"hi"}' } }]);
});

test("an answer that is no success fails the message", async () => {
  await using slack = slackServer(500);
  await using server = await serve(config(`{ webhookURL: "${slack.url}" }`));
  await server.post("/send", { text: "hi" });
  expect(await server.logged("Error handling message on")).toMatchObject({
    attributes: { error: "slack webhook returned status 500" },
  });
});

test("a URL that cannot be reached does not stand in the log", async () => {
  await using server = await serve(config(`{ webhookURL: "http://localhost:1/T000/secret" }`));
  await server.post("/send", { text: "hi" });
  const { attributes } = await server.logged("Error handling message on");
  expect(attributes["error"]).toStartWith("slack webhook cannot be reached: ");
  expect(JSON.stringify(server.records)).not.toContain("T000");
});

test("the URL is required", async () => {
  const missing = await check(config("{ channel: x }"));
  expect(missing.errors).toEqual([
    '11:54: modules[3].config.webhookURL: required config field "webhookURL" is missing',
  ]);
  const empty = await check(config('{ webhookURL: "" }'));
  expect(empty.errors).toEqual([
    '11:5: failed to initialize modules: module "slack": ' +
      'required config field "webhookURL" must be a non-empty string',
  ]);
});
