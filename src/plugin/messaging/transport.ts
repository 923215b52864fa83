import { WorkflowError } from "../../error/error.ts";
import type { Broker } from "../../port/messaging.ts";
import type { EventBus } from "../../port/runtime.ts";
import type { LateRef } from "../../schema/field.ts";
import { payloadOf } from "./payload.ts";

/** Sends a value to a topic. */
export type Send = (topic: string, message: unknown) => Promise<void>;

/** Sends to the named broker, as JSON, or to the event bus. A broker that is not there throws `run.missing_service`. */
export function transportOf(broker: LateRef<Broker> | undefined, events: EventBus): Send {
  if (broker === undefined) return (topic, message) => events.publish(topic, message);
  return async (topic, message) => {
    const service = broker.find();
    if (service === undefined) {
      throw new WorkflowError("run.missing_service", `broker service "${broker.name}" not found`);
    }
    await service.publish(topic, payloadOf(message));
  };
}
