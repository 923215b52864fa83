import type { Frame } from "../../port/frame.ts";
import { lateRef, template, templateValue, Type, type WrittenTemplate } from "../../schema/field.ts";
import { Broker } from "../../port/messaging.ts";

/** The settings that both publishing steps have. */
export const messageFields = {
  topic: template({ description: "Topic to publish to." }),
  payload: Type.Optional(templateValue({ description: "Message; all values of the pipeline without.", shape: "map" })),
  broker: Type.Optional(lateRef(Broker, { description: "Message broker; the event bus of the process without." })),
};

/** The message of a run: the written payload, or a copy of the current values. */
export function payloadFor(payload: WrittenTemplate | undefined, frame: Frame): unknown {
  // A copy: a receiver on the event bus must not change the run.
  return payload === undefined ? { ...frame.current } : payload.resolve(frame);
}
