import { defineWorkflow } from "../../define/define.ts";
import { WorkflowError } from "../../error/error.ts";
import { ownValue } from "../../json/map.ts";
import type { Logger } from "../../log/logger.ts";
import { Broker, type MessageForwarder, MessageHandler } from "../../port/messaging.ts";
import { anyRef, ref, refAll, Type } from "../../schema/field.ts";
import { ForwardRoutes } from "./forward_route.ts";
import { InFlight } from "./in_flight.ts";
import { payloadOf } from "./payload.ts";

const subscription = Type.Object({
  topic: Type.String({ description: "Topic, exactly as it is published.", minLength: 1 }),
  handler: ref(MessageHandler, { description: "Module that handles the messages." }),
});

const producer = Type.Object({
  name: anyRef({ description: "Module that produces messages." }),
  topic: Type.String({ description: "Topic it produces for; shown in the log when the server starts.", default: "" }),
  forwardTo: Type.Array(Type.String(), {
    description: "Topics to which a messaging.handler sends each message on once it has handled it.",
    default: [],
  }),
});

/** Connects handlers to topics. */
export default defineWorkflow({
  key: "messaging",
  summary: "Subscriptions of message handlers to topics.",
  config: Type.Object({
    broker: ref(Broker, {
      description: "Message broker; the first one without.",
      fallback: ["messaging.broker.memory"],
    }),
    brokers: refAll(Broker, { description: "Every message broker, for actions that name one." }),
    subscriptions: Type.Array(subscription, { description: "Who handles which topic." }),
    producers: Type.Array(producer, { description: "Who produces messages and where they go on to.", default: [] }),
  }),
  build({ log }, { broker, brokers, subscriptions, producers }) {
    const routes = new ForwardRoutes();
    for (const { topic, handler } of subscriptions) routes.receive(topic, handler);
    for (const { name, forwardTo } of producers)
      connectForwards(name.name, name.find(), forwardTo, { routes, broker, log });
    const running = new InFlight();
    let unsubscribe: (() => void)[] = [];
    return {
      open() {
        unsubscribe = subscriptions.map(({ topic, handler }) =>
          broker.subscribe(topic, (message) => running.run(() => handler.handleMessage(message))),
        );
        for (const { name, topic, forwardTo } of producers) {
          log.info("Message producer", { producer: name.name, topic, forwardTo });
        }
      },
      drain(signal) {
        for (const end of unsubscribe) end();
        return running.idle(signal);
      },
      execute: (action, data, { params }) => publish(action, data, ownValue(params, "broker"), { broker, brokers }),
    };
  },
});

interface Connected {
  readonly routes: ForwardRoutes;
  readonly broker: Broker;
  readonly log: Logger;
}

function connectForwards(
  name: string,
  service: object | undefined,
  topics: readonly string[],
  { routes, broker, log }: Connected,
): void {
  if (topics.length === 0) return;
  if (service === undefined || !isForwarder(service)) {
    log.warn("Producer does not forward messages; forwardTo has no effect", { producer: name });
    return;
  }
  const accepted = topics.filter((topic) => routes.connect(service, topic));
  for (const topic of topics) {
    if (!accepted.includes(topic))
      log.warn("Messages would go round for ever; not forwarded", { producer: name, topic });
  }
  service.forwardTo(broker, accepted);
}

function isForwarder(service: object): service is MessageForwarder {
  return "forwardTo" in service && typeof service.forwardTo === "function";
}

/** Publishes `data.message`, or all the data, to the topic that the action names. */
async function publish(
  action: string,
  data: Readonly<Record<string, unknown>>,
  wanted: unknown,
  { broker, brokers }: { readonly broker: Broker; readonly brokers: readonly Broker[] },
): Promise<Record<string, unknown>> {
  const colon = action.indexOf(":");
  const topic = action.slice(colon + 1);
  if (topic === "") throw new WorkflowError("step.invalid_input", "topic not specified");
  const named = colon > 0 ? action.slice(0, colon) : wanted;
  const isNamed = typeof named === "string" && named !== "";
  const target = isNamed ? brokers.find(({ name }) => name === named) : broker;
  if (target === undefined) throw new WorkflowError("run.missing_service", "no message broker found");
  const payload = payloadOf(ownValue(data, "message") ?? data);
  await target.publish(topic, payload);
  return { success: true, broker: target.name, topic, length: payload.byteLength };
}
