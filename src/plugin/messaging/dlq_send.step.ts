import { defineStep } from "../../define/define.ts";
import { prefixed } from "../../error/error.ts";
import type { Frame } from "../../port/frame.ts";
import { template, Type } from "../../schema/field.ts";
import { outputOf } from "../../schema/output.ts";
import type { Template } from "../../template/template.ts";
import { formatRfc3339 } from "../../time/rfc3339.ts";
import { messageFields, payloadFor } from "./message_step.ts";
import { transportOf } from "./transport.ts";

/** Puts a message that could not be dealt with aside, with what is known of the failure. */
export default defineStep({
  type: "step.dlq_send",
  summary: "Send a message that could not be processed to a dead letter topic, with the reason and the time.",
  category: "messaging",
  effect: "write",
  config: Type.Object({
    ...messageFields,
    original_topic: Type.Optional(template({ description: "Topic that the message came from." })),
    error: Type.Optional(
      template({ description: "What went wrong; left out when it is empty or cannot be computed." }),
    ),
  }),
  output: outputOf(["dlq_sent", "topic"]),
  build({ name, runtime }, { topic, payload, broker, original_topic, error: reason }) {
    const send = transportOf(broker, runtime.events);
    return async (frame) => {
      try {
        const to = topic.render(frame);
        const from = original_topic?.render(frame) ?? "";
        const text = textOrNothing(reason, frame);
        await send(to, {
          payload: payloadFor(payload, frame),
          sent_at: formatRfc3339(runtime.clock.now()),
          ...(from === "" ? {} : { original_topic: from }),
          ...(text === "" ? {} : { error: text }),
        });
        return { output: { dlq_sent: true, topic: to } };
      } catch (error) {
        throw prefixed(`dlq_send step "${name}": `, error, "step.failed");
      }
    };
  },
});

/** The reason is an addition: a message must not be lost because it cannot be computed. */
function textOrNothing(template: Template | undefined, frame: Frame): string {
  try {
    return template?.render(frame) ?? "";
  } catch (error) {
    frame.log.debug("Reason of a dead letter not computed", { error });
    return "";
  }
}
