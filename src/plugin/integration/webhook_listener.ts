import { messageOf, WorkflowError } from "../../error/error.ts";
import { isPlainMap, ownValue } from "../../json/map.ts";
import { parseJson } from "../../json/parse.ts";
import type { EventBus, RuntimeServices } from "../../port/runtime.ts";
import type { Scope } from "../../scope/scope.ts";

/** Longest payload, in bytes. */
const payloadBytesMax = 10 * 1024 * 1024;

/** A webhook connector as its listener sees it. */
export interface WebhookRoute {
  readonly connector: string;
  readonly path: string;
}

/**
 * Ports that listeners of one process hold, by its event bus, which lives as long as the process. The listener of the
 * next generation binds beside the one before; without this note a second process could do so too and nobody would see.
 */
const heldPorts = new WeakMap<EventBus, Map<number, number>>();

/** Receives payloads by POST and publishes them as `webhook.<connector>.<type>` on the event bus. */
export class WebhookListener {
  readonly #port: number;
  readonly #routes: ReadonlyMap<string, string>;
  readonly #runtime: Pick<RuntimeServices, "events" | "log">;
  #server: Bun.Server<undefined> | undefined;

  constructor(port: number, routes: readonly WebhookRoute[], runtime: Pick<RuntimeServices, "events" | "log">) {
    this.#port = port;
    this.#routes = new Map(routes.map(({ connector, path }) => [path, connector]));
    this.#runtime = runtime;
  }

  /** Binds the port until the scope closes. Throws `start.address_in_use`. */
  async start(scope: Scope): Promise<void> {
    const held = heldPorts.get(this.#runtime.events) ?? new Map<number, number>();
    heldPorts.set(this.#runtime.events, held);
    // A shared port hides that somebody else has it, so the first one asks for it alone.
    if (this.#port !== 0 && !held.has(this.#port)) await this.#bind("alone").stop(true);
    const server = this.#bind("shared");
    this.#server = server;
    held.set(this.#port, (held.get(this.#port) ?? 0) + 1);
    scope.defer(`webhook listener :${this.#port}`, async () => {
      const left = (held.get(this.#port) ?? 1) - 1;
      if (left === 0) held.delete(this.#port);
      else held.set(this.#port, left);
      await server.stop(true);
    });
    this.#runtime.log.info("Webhook listener started", { port: server.port, paths: [...this.#routes.keys()] });
  }

  /** Takes no new connections and waits for the answers that are under way. */
  async drain(signal: AbortSignal): Promise<void> {
    const aborted = new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener("abort", () => resolve(), { once: true });
    });
    await Promise.race([this.#server?.stop(), aborted]);
  }

  #bind(mode: "alone" | "shared"): Bun.Server<undefined> {
    try {
      return Bun.serve({
        port: this.#port,
        reusePort: mode === "shared",
        maxRequestBodySize: payloadBytesMax,
        development: false,
        fetch: (request) => this.#answer(request),
        error: (error) => this.#broken(error),
      });
    } catch (error) {
      const isTaken = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
      const text = `webhook listener cannot use port ${this.#port}: ${messageOf(error)}`;
      throw new WorkflowError(isTaken ? "start.address_in_use" : "start.failed", text, { cause: error });
    }
  }

  async #answer(request: Request): Promise<Response> {
    const connector = this.#routes.get(new URL(request.url).pathname);
    if (connector === undefined) return textError(404, "404 page not found");
    if (request.method !== "POST") return textError(405, "Method not allowed", { allow: "POST" });
    const payload = payloadOf(await request.text());
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

  #broken(error: unknown): Response {
    this.#runtime.log.error("Webhook request failed", { error: messageOf(error) });
    return textError(500, "internal error");
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
