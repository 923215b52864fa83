import { defineStep } from "../../define/define.ts";
import { prefixed } from "../../error/error.ts";
import { Type } from "../../schema/field.ts";
import { outputOf } from "../../schema/output.ts";
import { messageFields, payloadFor } from "./message_step.ts";
import { payloadOf } from "./payload.ts";

/** Publishes a message; a missing broker is a result and not a failure. */
export default defineStep({
  type: "step.publish",
  summary: "Publish a message to a broker or to the event bus.",
  category: "messaging",
  effect: "write",
  config: Type.Object(messageFields),
  output: outputOf(["published", "topic", "reason"]),
  build({ name, log, runtime }, { topic, payload, broker }) {
    return async (frame) => {
      try {
        const to = topic.render(frame);
        const message = payloadFor(payload, frame);
        if (broker === undefined) {
          await runtime.events.publish(to, message);
          return { output: { published: true, topic: to } };
        }
        const service = broker.find();
        if (service === undefined) {
          log.warn("Message not published: broker not found", { broker: broker.name, topic: to });
          return { output: { published: false, reason: "broker not found" } };
        }
        await service.publish(to, payloadOf(message));
        return { output: { published: true, topic: to } };
      } catch (error) {
        throw prefixed(`publish step "${name}": `, error, "step.failed");
      }
    };
  },
});
