import { definePort } from "../schema/field.ts";

/** A message as handlers receive it. */
export interface Message {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** Identifies the message for once-only processing, when the broker gives one. */
  readonly id?: string;
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Receives the messages of one subscription; throwing refuses the message. */
export type MessageCallback = (message: Message) => void | Promise<void>;

/** Publishes and delivers messages by topic. Delivery is at least once; order is kept per topic and key. */
export interface Broker {
  /** The module's name, as `broker:topic` actions use it. */
  readonly name: string;
  publish(topic: string, payload: Uint8Array, options?: { readonly key?: string }): Promise<void>;
  /** May be called before the broker has started. Returns a function that ends the subscription. */
  subscribe(topic: string, onMessage: MessageCallback): () => void;
}
export const Broker = definePort<Broker>("message_broker", "a message broker");

/** Receives messages of subscriptions, scheduler jobs, state machine hooks and event patterns. */
export interface MessageHandler {
  handleMessage(message: Message): Promise<void>;
}
export const MessageHandler = definePort<MessageHandler>("message_handler", "a message handler");

/** A message handler that sends what it has handled on to other topics. */
export interface MessageForwarder {
  forwardTo(broker: Broker, topics: readonly string[]): void;
}
export const MessageForwarder = definePort<MessageForwarder>("message_forwarder", "a handler that forwards messages");
