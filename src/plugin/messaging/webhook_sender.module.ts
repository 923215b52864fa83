import { defineModule } from "../../define/define.ts";
import { WorkflowError } from "../../error/error.ts";
import { egressSettings } from "../../port/egress_settings.ts";
import { MessageHandler } from "../../port/messaging.ts";
import { WebhookSender } from "../../port/webhook.ts";
import { choice, count, Type } from "../../schema/field.ts";
import { WebhookOutbox } from "./webhook_delivery.ts";

/** Sends messages to a URL, with retries. */
export default defineModule({
  type: "webhook.sender",
  summary: "Posts messages to a URL, tries again with growing waits, and keeps what could not be delivered.",
  category: "messaging",
  serviceName: "webhook.sender",
  provides: [WebhookSender, MessageHandler],
  carry: "instance",
  config: Type.Object({
    url: Type.Optional(Type.String({ description: "Where messages of subscriptions and hooks are sent." })),
    method: choice(["POST", "PUT", "PATCH"], { description: "HTTP method.", default: "POST" }),
    headers: Type.Record(Type.String(), Type.String({ description: "Value." }), {
      description:
        "Headers sent with messages, beside `Content-Type: application/json` and an `Idempotency-Key`, which is the " +
        "same on every attempt.",
      default: {},
    }),
    maxRetries: count({
      description:
        "Attempts after the first one; the waits between them grow from 1 s to 60 s. Zero means 3. A status from 400 " +
        "to 499 other than 408, 425 and 429 ends them.",
      default: 3,
      maximum: 100,
    }),
    maxDeadLetters: count({
      description: "Undelivered messages kept in memory; the oldest ones are dropped beyond it.",
      default: 1000,
      minimum: 1,
    }),
    egress: egressSettings,
  }),
  create({ name, log, runtime }, { url, method, headers, maxRetries, maxDeadLetters, egress }) {
    const retries = maxRetries <= 0 ? 3 : maxRetries;
    const outbox = new WebhookOutbox({
      retries,
      deadLettersMax: maxDeadLetters,
      method,
      egress: runtime.egress.with(egress),
      runtime: { clock: runtime.clock, random: runtime.random, uuid: runtime.uuid, log },
    });
    const hasKey = Object.keys(headers).some((header) => header.toLowerCase() === "idempotency-key");
    const service: WebhookSender & MessageHandler = {
      send: (to, payload, more) => outbox.send(to, payload, more),
      deadLetters: () => outbox.deadLetters(),
      retry: (id) => outbox.retry(id),
      async handleMessage({ payload, topic, id }) {
        if (url === undefined || url === "") {
          const hint = "set `url` of the webhook.sender module";
          throw new WorkflowError("module.failed", `webhook sender "${name}": url is not configured`, { hint });
        }
        // A broker delivers a message again under the same id: its receiver shall see the same key then.
        const key = id === undefined || hasKey ? {} : { "Idempotency-Key": `${topic}/${id}` };
        await outbox.send(url, payload, { ...key, ...headers });
      },
    };
    return {
      service,
      start(scope) {
        const help = "Webhook deliveries that failed for good and are kept.";
        const read = () => outbox.deadLetters().length;
        scope.defer(
          "dead letters",
          runtime.metrics.gauge("workflow_webhook_dead_letters", help, { module: name }, read),
        );
        scope.signal.addEventListener("abort", () => outbox.end(scope.signal.reason), { once: true });
      },
    };
  },
});
