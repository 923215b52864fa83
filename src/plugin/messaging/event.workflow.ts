import { defineWorkflow } from "../../define/define.ts";
import { assert, messageOf, placed, type Position, WorkflowError } from "../../error/error.ts";
import { ownValue } from "../../json/map.ts";
import { Broker, MessageHandler } from "../../port/messaging.ts";
import type { RuntimeServices } from "../../port/runtime.ts";
import { choice, count, duration, position, ref, Type } from "../../schema/field.ts";
import type { EventBuffer } from "./event_buffer.ts";
import { type EventPattern, matchPattern, type PatternEvent } from "./event_pattern.ts";
import { InFlight } from "./in_flight.ts";
import { holdBuffer } from "./kept_buffer.ts";
import { jsonObject, payloadOf } from "./payload.ts";

const pattern = Type.Object({
  patternId: Type.String({ description: "Name of the pattern.", minLength: 1 }),
  eventTypes: Type.Array(Type.String(), { description: "Types of the events that count.", minItems: 1 }),
  windowTime: duration({ description: "How far back events count.", invalid: "error" }),
  condition: choice(["count", "all", "sequence", ""], {
    description: "`count`: enough events of any type. `all`: each type at least once. `sequence`: all types in order.",
    default: "count",
  }),
  minOccurs: count({ description: "Fewest events for a match.", default: 1, minimum: 0 }),
  maxOccurs: count({ description: "Most events for a match; 0 for no limit.", default: 0, minimum: 0 }),
  orderMatters: Type.Boolean({
    description: "Whether the types must come in the order of `eventTypes`, whatever the condition.",
    default: false,
  }),
});

const handler = Type.Object({
  at: position(),
  patternId: Type.String({ description: "Pattern to handle.", minLength: 1 }),
  handler: ref(MessageHandler, { description: 'Module that is told of matches as `{"patternId", "eventsCount"}`.' }),
});

const adapter = Type.Object({
  broker: ref(Broker, { description: "Message broker to listen to." }),
  topics: Type.Array(Type.String(), { description: "Topics whose JSON messages are events.", minItems: 1 }),
  eventType: Type.String({
    description: "Type of the events; without it the message's `eventType` or `type`, then the topic.",
    default: "",
  }),
  sourceIdKey: Type.String({
    description: "Key of the message that names the source; `sourceId`, `id` or `userId` without.",
    default: "",
  }),
  correlIdKey: Type.String({
    description: "Key of the message that groups events which belong together.",
    default: "correlationId",
  }),
});

/** Recognises patterns in streams of events. */
export default defineWorkflow({
  key: "event",
  summary: "Patterns of events within a window of time, and who is told when one occurs.",
  config: Type.Object({
    processor: Type.String({ description: "Name of the processor, as the actions of triggers use it.", minLength: 1 }),
    patterns: Type.Array(pattern, { description: "Patterns to look for.", minItems: 1 }),
    handlers: Type.Array(handler, { description: "Who is told of a match.", default: [] }),
    adapters: Type.Array(adapter, { description: "Topics whose messages are events.", default: [] }),
    maxBufferedEvents: count({
      description: "Most events remembered; beyond it the ones that rested longest are forgotten.",
      default: 10_000,
      minimum: 1,
    }),
  }),
  build({ key: section, log, runtime }, { processor, patterns, handlers, adapters, maxBufferedEvents }) {
    const watches: readonly Watch[] = patterns.map(toWatch);
    for (const { patternId, handler: target, at } of handlers) addTarget(watches, patternId, target, at);
    const windowMsMax = Math.max(...watches.map((watch) => watch.pattern.windowMs));
    // Who is told and where events come from may change without making what happened untrue.
    const key = JSON.stringify([section, processor, watches.map((watch) => watch.pattern), maxBufferedEvents]);
    let buffer: EventBuffer | undefined;
    const running = new InFlight();
    const onError = (watch: Watch, error: unknown) =>
      log.error("Event handler failed", { pattern: watch.pattern.id, error: messageOf(error) });
    // What no pattern waits for is not remembered either.
    const process = async (event: PatternEvent): Promise<void> => {
      if (!watches.some((watch) => watch.pattern.types.includes(event.type))) return;
      assert(buffer !== undefined, "events come only after the section has started");
      const group = buffer.add(event);
      await running.run(() => tell(watches, event, group, onError));
    };
    let unsubscribe: (() => void)[] = [];
    return {
      start(scope) {
        const held = holdBuffer(runtime.events, { key, windowMsMax, eventsMax: maxBufferedEvents }, scope);
        buffer = held;
        const help = "Messages and jobs that wait or are being worked on.";
        const labels = { queue: `event:${processor}` };
        scope.defer(
          "queue depth",
          runtime.metrics.gauge("workflow_queue_depth", help, labels, () => held.size),
        );
      },
      open() {
        unsubscribe = adapters.flatMap((source) =>
          source.topics.map((topic) =>
            source.broker.subscribe(topic, async ({ payload }) => {
              const message = jsonObject(payload, "failed to parse message as JSON");
              await process(eventOf(message, { ...source, fallbackType: topic }, runtime));
            }),
          ),
        );
      },
      drain(signal) {
        for (const end of unsubscribe) end();
        return running.idle(signal);
      },
      async execute(action, data) {
        if (action !== "" && action !== processor) {
          throw new WorkflowError("run.missing_service", `service '${action}' not found`);
        }
        const event = eventOf(data, { ...defaultKeys, fallbackType: "custom.event" }, runtime);
        await process(event);
        const { type: eventType, sourceId, correlationId: correlId } = event;
        return { success: true, eventType, sourceId, correlId, processed: true };
      },
    };
  },
});

/** A pattern and who is told when it occurs. */
interface Watch {
  readonly pattern: EventPattern;
  readonly targets: MessageHandler[];
}

function toWatch(written: {
  readonly patternId: string;
  readonly eventTypes: readonly string[];
  readonly windowTime: number;
  readonly condition: EventPattern["condition"];
  readonly minOccurs: number;
  readonly maxOccurs: number;
  readonly orderMatters: boolean;
}): Watch {
  const {
    patternId: id,
    eventTypes: types,
    windowTime: windowMs,
    minOccurs: occursMin,
    maxOccurs: occursMax,
  } = written;
  const { condition, orderMatters } = written;
  return { pattern: { id, types, windowMs, condition, orderMatters, occursMin, occursMax }, targets: [] };
}

function addTarget(watches: readonly Watch[], id: string, target: MessageHandler, at: Position): void {
  const watch = watches.find(({ pattern: { id: own } }) => own === id);
  if (watch === undefined) {
    throw placed(new WorkflowError("config.unknown_reference", `pattern with ID '${id}' not found`), at);
  }
  watch.targets.push(target);
}

/** Tells the targets of every pattern that the new event, the last of `events`, completes. */
async function tell(
  watches: readonly Watch[],
  event: PatternEvent,
  events: readonly PatternEvent[],
  onError: (watch: Watch, error: unknown) => void,
): Promise<void> {
  // Decided before anybody is told: a target may cause events of its own, which join the same group.
  const matches = watches.flatMap((watch) => {
    const eventsCount = watch.pattern.types.includes(event.type)
      ? matchPattern(watch.pattern, events, event.at)
      : undefined;
    return eventsCount === undefined ? [] : [{ watch, eventsCount }];
  });
  for (const { watch, eventsCount } of matches) {
    const { id } = watch.pattern;
    const payload = payloadOf({ patternId: id, eventsCount });
    for (const target of watch.targets) {
      try {
        await target.handleMessage({ topic: id, payload });
      } catch (error) {
        onError(watch, error);
      }
    }
  }
}

interface EventKeys {
  readonly eventType: string;
  readonly sourceIdKey: string;
  readonly correlIdKey: string;
  readonly fallbackType: string;
}

const defaultKeys = { eventType: "", sourceIdKey: "", correlIdKey: "correlationId" };

function eventOf(data: unknown, keys: EventKeys, { clock }: RuntimeServices): PatternEvent {
  const type = keys.eventType === "" ? textAt(data, ["eventType", "type"]) : keys.eventType;
  const sourceKeys = keys.sourceIdKey === "" ? ["sourceId", "id", "userId"] : [keys.sourceIdKey];
  return {
    type: type === "" ? keys.fallbackType : type,
    sourceId: textAt(data, sourceKeys),
    correlationId: textAt(data, [keys.correlIdKey]),
    at: clock.now(),
  };
}

/** The first of the keys that has a text or number, in the data itself or in the body of the request in it. */
function textAt(data: unknown, keys: readonly string[]): string {
  for (const place of [data, ownValue(data, "body")]) {
    for (const key of keys) {
      const value = ownValue(place, key);
      if ((typeof value === "string" && value !== "") || typeof value === "number") return String(value);
    }
  }
  return "";
}
