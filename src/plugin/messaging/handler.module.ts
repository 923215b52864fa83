import { defineModule } from "../../define/define.ts";
import { type Broker, MessageForwarder, MessageHandler } from "../../port/messaging.ts";
import { Type } from "../../schema/field.ts";

/** Logs messages and sends them on. */
export default defineModule({
  type: "messaging.handler",
  summary: "Logs each message and forwards it to the topics that the messaging section lists under `forwardTo`.",
  category: "messaging",
  provides: [MessageHandler, MessageForwarder],
  config: Type.Object({}),
  create({ name, log }) {
    const targets: { readonly broker: Broker; readonly topic: string }[] = [];
    const service: MessageHandler & MessageForwarder = {
      forwardTo(broker, topics) {
        for (const topic of topics) targets.push({ broker, topic });
      },
      async handleMessage({ topic, payload, key }) {
        // The payload stays out of the log: it may hold what must not be shown.
        log.info("Message received", { handler: name, topic, bytes: payload.byteLength });
        if (log.isDebug) log.debug("Message content", { handler: name, message: new TextDecoder().decode(payload) });
        for (const target of targets) {
          await target.broker.publish(target.topic, payload, key === undefined ? {} : { key });
        }
      },
    };
    return { service };
  },
});
