import { definePort } from "../schema/field.ts";

/** One message on its way to a URL. Times are epoch milliseconds. */
export interface WebhookDelivery {
  readonly id: string;
  readonly url: string;
  readonly payload: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  readonly status: "pending" | "delivered" | "failed" | "dead_letter";
  readonly attempts: number;
  readonly lastError?: string;
  readonly createdAt: number;
  readonly deliveredAt?: number;
}

/** Sends payloads to URLs, with retries, and keeps those that could not be delivered. */
export interface WebhookSender {
  /** Resolves when the payload was accepted; rejects with the last failure once it has become a dead letter. */
  send(url: string, payload: Uint8Array, headers: Readonly<Record<string, string>>): Promise<WebhookDelivery>;
  /** Oldest first. */
  deadLetters(): readonly WebhookDelivery[];
  /** Sends a dead letter again and takes it off the list when it is accepted. Throws `module.not_found`. */
  retry(id: string): Promise<WebhookDelivery>;
}
/** The role of a webhook sender. */
export const WebhookSender = definePort<WebhookSender>("webhook_sender", "a webhook sender");
