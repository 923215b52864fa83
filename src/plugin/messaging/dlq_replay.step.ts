import { defineStep } from "../../define/define.ts";
import { prefixed } from "../../error/error.ts";
import { isPlainMap, ownValue } from "../../json/map.ts";
import { Broker } from "../../port/messaging.ts";
import { count, lateRef, template, Type } from "../../schema/field.ts";
import { outputOf } from "../../schema/output.ts";
import { transportOf } from "./transport.ts";

/** Sends dead letters, which a trigger or a step before has read, to a topic where they are processed again. */
export default defineStep({
  type: "step.dlq_replay",
  summary: "Send dead letters again: those under `messages`, the one under `payload`, or all values of the run.",
  category: "messaging",
  effect: "write",
  config: Type.Object({
    dlq_topic: Type.String({
      description: "Dead letter topic that the messages came from, for the output.",
      minLength: 1,
    }),
    target_topic: template({ description: "Topic to send the messages to." }),
    max_messages: count({ description: "Most messages to send.", default: 100, minimum: 1 }),
    broker: Type.Optional(lateRef(Broker, { description: "Message broker; the event bus of the process without." })),
  }),
  output: outputOf(["replayed", "target_topic", "dlq_topic"]),
  build({ name, runtime }, { dlq_topic, target_topic, max_messages, broker }) {
    const prefix = `dlq_replay step "${name}": `;
    const send = transportOf(broker, runtime.events);
    return async (frame) => {
      let replayed = 0;
      try {
        const to = target_topic.render(frame);
        for (const message of messagesOf(frame.current).slice(0, max_messages)) {
          await send(to, message);
          replayed++;
        }
        return { output: { replayed, target_topic: to, ...(replayed === 0 ? {} : { dlq_topic }) } };
      } catch (error) {
        throw prefixed(replayed === 0 ? prefix : `${prefix}after ${replayed} messages: `, error, "step.failed");
      }
    };
  },
});

function messagesOf(current: Readonly<Record<string, unknown>>): readonly unknown[] {
  const { messages, payload } = { messages: ownValue(current, "messages"), payload: ownValue(current, "payload") };
  if (Array.isArray(messages)) return messages.map(messageIn);
  // Copies: a receiver on the event bus must not change the run.
  return [isPlainMap(payload) ? { ...payload } : { ...current }];
}

/** The message inside the envelope of `step.dlq_send`, or the item itself. */
function messageIn(item: unknown): unknown {
  const payload = ownValue(item, "payload");
  if (isPlainMap(payload)) return { ...payload };
  return isPlainMap(item) ? { ...item } : item;
}
