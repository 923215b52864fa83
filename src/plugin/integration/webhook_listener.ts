import { messageOf, type Position } from "../../error/error.ts";
import { errorAnswer } from "../../error/response.ts";
import { encodeJsonLine } from "../../json/encode.ts";
import { isPlainMap, ownValue } from "../../json/map.ts";
import { parseJson } from "../../json/parse.ts";
import { addressMatcher } from "../../net/address.ts";
import { Exchange } from "../../port/exchange.ts";
import type { ListenerHandle, ListenerOptions, ServedAddress } from "../../port/http.ts";
import type { RuntimeServices } from "../../port/runtime.ts";

const trustedProxies = "loopback,private";

/** As `http.server` has them when nothing is written. */
const listenerOptions: ListenerOptions = {
  idleTimeoutMs: 120_000,
  readTimeoutMs: 30_000,
  writeTimeoutMs: 30_000,
  tls: undefined,
  trustedProxies,
  isTrustedProxy: addressMatcher(trustedProxies),
  bodyBytesMax: 10 * 1024 * 1024,
};

/** A webhook connector as its listener sees it. */
export interface WebhookRoute {
  readonly connector: string;
  readonly path: string;
  readonly at: Position;
}

/** Receives payloads by POST on one port and publishes them as `webhook.<connector>.<type>` on the event bus. */
export class WebhookListener implements ServedAddress {
  readonly name: string;
  readonly at: Position;
  readonly address: string;
  readonly options = listenerOptions;
  readonly #routes: ReadonlyMap<string, string>;
  readonly #runtime: RuntimeServices;

  /** The routes, of which there is at least one, have different paths. */
  constructor(port: number, [first, ...more]: readonly [WebhookRoute, ...WebhookRoute[]], runtime: RuntimeServices) {
    this.name = `webhook connector "${first.connector}"`;
    this.at = first.at;
    this.address = `:${port}`;
    this.#routes = new Map([first, ...more].map(({ connector, path }) => [path, connector]));
    this.#runtime = runtime;
  }

  handle(): ListenerHandle {
    return (request, connection) => this.#serve(new Exchange(request, connection));
  }

  /** Answers within the time that the listener gives, also when a subscriber does not return. */
  async #serve(exchange: Exchange): Promise<Response> {
    const { connection } = exchange;
    connection.watch(exchange);
    const cancelled = new Promise<Response>((resolve) => {
      exchange.onCancel = (reason) => resolve(this.#failed(reason));
    });
    try {
      return await Promise.race([this.#answer(exchange), cancelled]);
    } catch (error) {
      return this.#failed(error);
    } finally {
      connection.unwatch(exchange);
      exchange.onCancel = undefined;
    }
  }

  async #answer(exchange: Exchange): Promise<Response> {
    const connector = this.#routes.get(exchange.path);
    if (connector === undefined) return textError(404, "404 page not found");
    if (exchange.method !== "POST") return textError(405, "Method not allowed", { allow: "POST" });
    const payload = payloadOf(await exchange.text());
    if (payload === undefined) return textError(400, "Invalid JSON payload");
    const { events } = this.#runtime;
    const type = ownValue(payload, "type");
    const wanted = typeof type === "string" && type !== "" ? type : "default";
    const topic = [wanted, "default"]
      .map((name) => `webhook.${connector}.${name}`)
      .find((candidate) => events.hasSubscribers(candidate));
    if (topic === undefined) return textError(501, "No handler for event type");
    await events.publish(topic, payload);
    return Response.json({ status: "ok" });
  }

  #failed(error: unknown): Response {
    const { uuid, isDevelopment, log } = this.#runtime;
    const id = uuid();
    const { status, headers, body, isHidden } = errorAnswer(error, { id, isDevelopment });
    if (isHidden) log.error("Webhook request failed", { id, error: messageOf(error) });
    return new Response(encodeJsonLine(body), { status, headers });
  }
}

function payloadOf(text: string): Record<string, unknown> | undefined {
  try {
    const value = parseJson(text);
    return isPlainMap(value) ? value : undefined;
  } catch {
    // The sender is told that it is not JSON.
    return undefined;
  }
}

function textError(status: number, message: string, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(`${message}\n`, {
    status,
    headers: { ...headers, "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" },
  });
}
