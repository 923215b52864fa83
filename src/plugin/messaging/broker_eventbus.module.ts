import { defineModule } from "../../define/define.ts";
import { encodeJson } from "../../json/encode.ts";
import { Broker } from "../../port/messaging.ts";
import { Type } from "../../schema/field.ts";
import { jsonOrText } from "./payload.ts";

/** A broker whose topics are those of the event bus. */
export default defineModule({
  type: "messaging.broker.eventbus",
  summary: "Message broker that publishes to the event bus of the process and delivers what is published there.",
  category: "messaging",
  provides: [Broker],
  config: Type.Object({}),
  create({ name, runtime }) {
    const { events } = runtime;
    const encoder = new TextEncoder();
    const service: Broker = {
      name,
      publish: (topic, payload) => events.publish(topic, jsonOrText(payload)),
      subscribe: (pattern, onMessage) =>
        events.subscribe({
          topic: pattern,
          onEvent: (topic, payload) => onMessage({ topic, payload: encoder.encode(encodeJson(payload)) }),
        }),
    };
    return { service };
  },
});
