import { defineStep } from "../../define/define.ts";
import { prefixed, WorkflowError } from "../../error/error.ts";
import type { Frame } from "../../port/frame.ts";
import { template, Type } from "../../schema/field.ts";
import { outputOf } from "../../schema/output.ts";
import type { Template } from "../../template/template.ts";
import { messageFields, payloadFor } from "./message_step.ts";
import { payloadOf } from "./payload.ts";

/** Publishes an event, with its type and headers around it when they are given. */
export default defineStep({
  type: "step.event_publish",
  summary: "Publish an event with type and headers to a broker or to the event bus.",
  category: "messaging",
  effect: "write",
  config: Type.Object({
    ...messageFields,
    event_type: Type.String({
      description: "Type of the event. With it the message is `{type, data, headers}` and `data` holds the payload.",
      default: "",
    }),
    headers: Type.Record(Type.String(), template({ description: "Value." }), {
      description: "Headers of the event; a value whose template fails is sent as written.",
      default: {},
    }),
  }),
  output: outputOf(["published", "topic"]),
  build({ name, runtime }, { topic, payload, broker, event_type: type, headers }) {
    const headerList = Object.entries(headers);
    return async (frame) => {
      try {
        const to = topic.render(frame);
        const data = payloadFor(payload, frame);
        const rendered = headerList.length === 0 ? {} : { headers: renderAll(headerList, frame) };
        const isPlain = type === "" && headerList.length === 0;
        const message = isPlain ? data : { data, ...(type === "" ? {} : { type }), ...rendered };
        if (broker === undefined) {
          await runtime.events.publish(to, message);
        } else {
          const service = broker.find();
          if (service === undefined) {
            throw new WorkflowError("run.missing_service", `broker service "${broker.name}" not found`);
          }
          await service.publish(to, payloadOf(message));
        }
        return { output: { published: true, topic: to } };
      } catch (error) {
        throw prefixed(`event_publish step "${name}": `, error, "step.failed");
      }
    };
  },
});

function renderAll(headers: readonly (readonly [string, Template])[], frame: Frame): Record<string, string> {
  return Object.fromEntries(headers.map(([key, value]) => [key, renderOrText(value, frame)]));
}

function renderOrText(value: Template, frame: Frame): string {
  try {
    return value.render(frame);
  } catch {
    // A header is an addition: the event is worth more than one that cannot be computed.
    return value.text;
  }
}
