import type { Broker } from "../../../src/port/messaging.ts";
import { type TestServer, withServer } from "../../harness/server.ts";

/** A server with a broker called `bus` and a pipeline that publishes the body of `POST /send` to the topic `t`. */
export function withBus(rest: string, settings = "{}"): string {
  return withServer(`
  - { name: bus, type: messaging.broker, config: ${settings} }
${rest}
pipelines:
  send:
    trigger: { type: http, config: { method: POST, path: /send } }
    steps:
      - { name: message, type: step.set, config: { values: { text: "{{ .body.text }}" } } }
      - { name: out, type: step.publish, config: { topic: t, broker: bus, payload: { text: "{{ .text }}" } } }
      - { name: answer, type: step.json_response, config: { body_from: steps.out } }
`);
}

/** The broker of that name in the running generation. */
export function brokerOf(server: TestServer, name: string): Broker {
  const service = server.engine.current?.service(name);
  if (service === undefined || !isBroker(service)) throw new Error(`${name} is no broker`);
  return service;
}

function isBroker(service: object): service is Broker {
  return "publish" in service && "subscribe" in service;
}

/** Collects what is published to a topic, as text. */
export function listen(broker: Broker, topic: string): { readonly texts: string[]; readonly end: () => void } {
  const texts: string[] = [];
  const end = broker.subscribe(topic, ({ payload }) => void texts.push(new TextDecoder().decode(payload)));
  return { texts, end };
}

/** The bytes of a text. */
export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** One turn of the event loop, in which everything that can go on has gone on. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** Resolves when a server that is closing has ended its subscriptions. */
export async function draining(server: TestServer): Promise<void> {
  while (server.engine.current?.state === "open") await turn();
}
