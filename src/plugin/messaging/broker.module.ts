import { defineModule } from "../../define/define.ts";
import { Broker } from "../../port/messaging.ts";
import { count, duration, Type } from "../../schema/field.ts";
import { MemoryBroker } from "./memory_broker.ts";

/** A broker inside the process. Its messages are gone when the process ends. */
export default defineModule({
  type: "messaging.broker",
  summary: "Message broker inside the process; messages are not kept and do not reach other replicas.",
  category: "messaging",
  provides: [Broker],
  carry: "instance",
  config: Type.Object({
    maxQueueSize: count({
      description: "Most messages under way, and most subscriptions, of one topic; beyond it publishing fails.",
      default: 10_000,
      minimum: 1,
    }),
    deliveryTimeout: duration({
      description: "Time for a handler to deal with a message; a later one is logged as failed and not waited for.",
      default: "30s",
      minimum: 1,
    }),
  }),
  serviceNames: (name) => [`${name}.producer`, `${name}.consumer`],
  create({ name, log, runtime }, { maxQueueSize, deliveryTimeout }) {
    const broker = new MemoryBroker({
      name,
      log,
      clock: runtime.clock,
      queueSizeMax: maxQueueSize,
      deliveryTimeoutMs: deliveryTimeout,
    });
    return {
      service: broker,
      services: { [`${name}.producer`]: broker, [`${name}.consumer`]: broker },
      start(scope) {
        const help = "Messages and jobs that wait or are being worked on.";
        const release = runtime.metrics.gauge("workflow_queue_depth", help, { queue: name }, () => broker.depth);
        scope.defer("queue depth", release);
        log.info("In-memory message broker started");
        scope.defer("log", () => log.info("In-memory message broker stopped"));
      },
    };
  },
});
