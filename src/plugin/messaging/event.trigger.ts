import { defineTrigger } from "../../define/define.ts";
import { Broker } from "../../port/messaging.ts";
import { ref, Type } from "../../schema/field.ts";
import { isWanted } from "./event_subscription.ts";
import { InFlight } from "./in_flight.ts";
import { jsonObject, textOf } from "./payload.ts";

/** Starts a workflow for each message of a topic. */
export default defineTrigger({
  type: "event",
  summary: "Starts a workflow for each JSON message of a topic.",
  listKey: "subscriptions",
  entry: Type.Object({
    topic: Type.String({ description: "Topic of the message broker.", minLength: 1 }),
    event: Type.String({
      description: "Only messages whose `type` (or `eventType`) is this; all without.",
      default: "",
    }),
    broker: ref(Broker, {
      description:
        "Message broker; without one the one named messageBroker, eventBroker, broker or event-broker, then the first.",
      fallback: ["messageBroker", "eventBroker", "broker", "event-broker", "messaging.broker.eventbus"],
    }),
  }),
  build(_context, { topic, event, broker }, { target, params }) {
    const runs = new InFlight();
    let unsubscribe = (): void => {};
    return {
      open() {
        unsubscribe = broker.subscribe(topic, ({ payload }) => {
          const message = jsonObject(payload, "failed to parse message");
          if (!isWanted(message, event)) return;
          const data = { ...message, originalMessage: textOf(payload), ...params };
          return runs.run(async () => void (await target.run(data, { trigger: "event" })));
        });
      },
      drain(signal) {
        unsubscribe();
        return runs.idle(signal);
      },
    };
  },
});
