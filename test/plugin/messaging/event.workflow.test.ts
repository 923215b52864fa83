import { expect, test } from "bun:test";
import { ManualClock } from "../../harness/manual_clock.ts";
import { check, serve, type TestServer } from "../../harness/server.ts";
import { brokerOf, bytes, listen, withBus } from "./publisher.ts";

const config = (pattern: string, more = "") =>
  withBus(`
  - { name: told, type: messaging.handler }
workflows:
  messaging:
    subscriptions: []
    producers: [{ name: told, forwardTo: [matched] }]
  event:
    processor: proc
    patterns: [{ patternId: p, eventTypes: [a, b], windowTime: 1m${pattern} }]
    handlers: [{ patternId: p, handler: told }]
${more}
`);

function run(server: TestServer, data: Record<string, unknown>, action = "proc") {
  const target = server.engine.current?.runtime.dispatcher.target("event", action);
  return Promise.resolve(target?.run(data, { trigger: "test" }));
}

/** Counts that the handler was told of, one event after the other, each `gapMs` after the one before. */
async function counts(pattern: string, types: string, gapMs = 0): Promise<(number | undefined)[]> {
  const clock = new ManualClock();
  await using server = await serve(config(pattern), { clock });
  const heard = listen(brokerOf(server, "bus"), "matched");
  const told: (number | undefined)[] = [];
  for (const type of types) {
    const before = heard.texts.length;
    await run(server, { type, id: 1 });
    const text = heard.texts[before];
    told.push(text === undefined ? undefined : JSON.parse(text).eventsCount);
    await clock.advance(gapMs);
  }
  return told;
}

const no = undefined;

test.each([
  ["with a comment more", (yaml: string) => `${yaml}\n# changed\n`, [2]],
  ["of another handler", (yaml: string) => yaml.replace("handler: told", "handler: told2"), [2]],
  ["of the pattern", (yaml: string) => yaml.replace("windowTime: 1m", "windowTime: 2m"), []],
  ["of the processor", (yaml: string) => yaml.replace("processor: proc", "processor: other"), []],
])("a change %s keeps the events that belong to unchanged patterns: %p", async (_what, change, expected) => {
  const yaml = config(", minOccurs: 2")
    .replace("\nworkflows:", "\n  - { name: told2, type: messaging.handler }\nworkflows:")
    .replace("forwardTo: [matched] }", "forwardTo: [matched] }, { name: told2, forwardTo: [matched] }");
  await using server = await serve(yaml);
  await run(server, { type: "a", id: 1 });
  await server.reload(change(yaml));
  const heard = listen(brokerOf(server, "bus"), "matched");
  await run(server, { type: "a", id: 1 }, "");
  expect(heard.texts.map((text) => JSON.parse(text).eventsCount)).toEqual(expected);
});

test("events are forgotten when no configuration has the section any more", async () => {
  const yaml = config(", minOccurs: 2");
  await using server = await serve(yaml);
  await run(server, { type: "a", id: 1 });
  await server.reload(withBus(""));
  await server.engine.settled();
  await server.reload(yaml);
  const heard = listen(brokerOf(server, "bus"), "matched");
  await run(server, { type: "a", id: 1 });
  expect(heard.texts).toEqual([]);
});

test.each([
  ["", "ab", [1, 2]],
  [", minOccurs: 2", "aab", [no, 2, 3]],
  [", minOccurs: 2, maxOccurs: 2", "aab", [no, 2, no]],
  [", condition: count, minOccurs: 2", "axa", [no, no, 2]],
  [', condition: ""', "a", [1]],
  [", condition: all", "aabb", [no, no, 3, 4]],
  [", condition: all, minOccurs: 3", "abb", [no, no, 3]],
  [", condition: all", "ba", [no, 2]],
  [", condition: sequence", "bab", [no, no, 3]],
  [", condition: all, orderMatters: true", "bab", [no, no, 3]],
  [", condition: count, orderMatters: true", "bab", [no, no, 3]],
])("the pattern {%s} and the events %s tell the handler %p", async (pattern, types, expected) => {
  expect(await counts(pattern, types)).toEqual(expected);
});

test.each([
  ["", 30_000, [1, 2, 3, 3]],
  ["", 60_001, [1, 1, 1, 1]],
])("events count within the window{%s}: %i ms apart they are %p", async (pattern, gapMs, expected) => {
  expect(await counts(pattern, "aaaa", gapMs)).toEqual(expected);
});

test("the handler gets the pattern and the number of events", async () => {
  await using server = await serve(config(""));
  const heard = listen(brokerOf(server, "bus"), "matched");
  await run(server, { type: "a" });
  expect(heard.texts).toEqual(['{"eventsCount":1,"patternId":"p"}']);
});

test.each([
  [
    [{ id: 1 }, { id: 2 }],
    [1, 1],
  ],
  [
    [{ id: 1 }, { id: 1 }],
    [1, 2],
  ],
  [
    [
      { id: 1, correlationId: "c" },
      { id: 2, correlationId: "c" },
    ],
    [1, 2],
  ],
  [
    [
      { sourceId: "s", id: 1 },
      { sourceId: "s", id: 2 },
    ],
    [1, 2],
  ],
  [
    [{ userId: "u" }, { userId: "v" }],
    [1, 1],
  ],
  [
    [{ body: { userId: "u" } }, { body: { userId: "u" } }],
    [1, 2],
  ],
])("events %p count together as %p", async (events, expected) => {
  await using server = await serve(config(""));
  const heard = listen(brokerOf(server, "bus"), "matched");
  for (const event of events) await run(server, { type: "a", ...event });
  expect(heard.texts.map((text) => JSON.parse(text).eventsCount)).toEqual(expected);
});

test.each([
  [
    { eventType: "a", type: "b", sourceId: "s", correlationId: "c" },
    { eventType: "a", sourceId: "s", correlId: "c" },
  ],
  [
    { type: "b", userId: 7 },
    { eventType: "b", sourceId: "7", correlId: "" },
  ],
  [{}, { eventType: "custom.event", sourceId: "", correlId: "" }],
])("a trigger with the data %p answers %p", async (data, expected) => {
  await using server = await serve(config(""));
  expect(await run(server, data)).toEqual({ success: true, ...expected, processed: true });
});

test("an action other than the processor fails", async () => {
  await using server = await serve(config(""));
  await expect(run(server, {}, "")).resolves.toMatchObject({ processed: true });
  await expect(run(server, {}, "other")).rejects.toMatchObject({
    message: "workflow execution failed: service 'other' not found",
  });
});

test.each([
  ["topics: [in]", '{"type":"a","id":1}', '{"type":"a","id":1}', [1, 2]],
  ["topics: [in], eventType: b", '{"id":1}', '{"id":1}', [1, 2]],
  ["topics: [in], eventType: other", '{"type":"a"}', '{"type":"a"}', []],
  ["topics: [a, in]", "{}", "{}", []],
  ["topics: [in], sourceIdKey: from", '{"type":"a","from":1,"id":1}', '{"type":"a","from":2,"id":1}', [1, 1]],
  ["topics: [in], correlIdKey: order", '{"type":"a","order":1,"id":1}', '{"type":"a","order":1,"id":2}', [1, 2]],
])("an adapter with { %s } makes events of messages", async (settings, first, second, expected) => {
  await using server = await serve(config("", `    adapters: [{ broker: bus, ${settings} }]`));
  const bus = brokerOf(server, "bus");
  const heard = listen(bus, "matched");
  await bus.publish("in", bytes(first));
  await bus.publish("in", bytes(second));
  expect(heard.texts.map((text) => JSON.parse(text).eventsCount)).toEqual(expected);
});

test("without a type in the settings and the message, the topic is the type", async () => {
  await using server = await serve(config("", "    adapters: [{ broker: bus, topics: [a] }]"));
  const bus = brokerOf(server, "bus");
  const heard = listen(bus, "matched");
  await bus.publish("a", bytes("{}"));
  expect(heard.texts).toHaveLength(1);
});

test("an adapter's message that is no JSON object is logged by the broker", async () => {
  await using server = await serve(config("", "    adapters: [{ broker: bus, topics: [in] }]"));
  await brokerOf(server, "bus").publish("in", bytes("[]"));
  expect((await server.logged("Error handling message on")).attributes["error"]).toBe(
    "failed to parse message as JSON: the message is not a JSON object",
  );
});

test("a handler that fails is logged, and the event is processed all the same", async () => {
  const failing = config("").replace("type: messaging.handler", "type: webhook.sender");
  await using server = await serve(failing);
  expect(await run(server, { type: "a" })).toMatchObject({ processed: true });
  expect(await server.logged("Event handler failed")).toMatchObject({
    attributes: { pattern: "p", error: 'webhook sender "told": url is not configured' },
  });
});

test.each([
  ["", 2],
  ["    maxBufferedEvents: 1", 1],
])("with {%s} two events leave %i remembered", async (settings, size) => {
  await using server = await serve(config("", settings));
  await run(server, { type: "a", id: 1 });
  await run(server, { type: "x", id: 1 });
  await run(server, { type: "a", id: 2 });
  expect(await server.services.metrics.expose()).toContain(`workflow_queue_depth{queue="event:proc"} ${size}\n`);
});

test("events are forgotten five minutes after the longest window", async () => {
  const clock = new ManualClock();
  await using server = await serve(config(""), { clock });
  await run(server, { type: "a", id: 1 });
  await clock.advance(6 * 60_000 + 1);
  await run(server, { type: "a", id: 2 });
  expect(await server.services.metrics.expose()).toContain('workflow_queue_depth{queue="event:proc"} 1\n');
});

test.each([
  [
    config("").replace("windowTime: 1m", "windowTime: soon"),
    /^18:64: workflows\.event\.patterns\[0\]\.windowTime: config field "windowTime" cannot be read: /,
  ],
  [
    config("").replace("[{ patternId: p, handler", "[{ patternId: q, handler"),
    /^19:16: failed to configure event workflow: pattern with ID 'q' not found$/,
  ],
  [
    config("").replace("handler: told", "handler: gone"),
    /^19:41: workflows\.event\.handlers\[0\]\.handler: service 'gone' is not defined$/,
  ],
  [
    config("").replace("    processor: proc\n", ""),
    /^17:\d+: workflows\.event\.processor: required config field "processor" is missing$/,
  ],
  [
    config("", "    adapters: [{ broker: gone, topics: [t] }]"),
    /^20:26: workflows\.event\.adapters\[0\]\.broker: service 'gone' is not defined$/,
  ],
])("a mistake in the section is refused %#", async (yaml, problem) => {
  const { errors } = await check(yaml);
  expect(errors).toEqual([expect.stringMatching(problem)]);
});
