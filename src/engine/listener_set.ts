import { messageOf, type Position, WorkflowError } from "../error/error.ts";
import type { Logger } from "../log/logger.ts";
import { type ListenAddress, parseListenAddress } from "../net/address.ts";
import type { ServedAddress } from "../port/http.ts";
import { type Lease, Listener, needsNewSocket } from "./listener.ts";

/** A server of a generation and where its address is written. */
export interface PlacedServer {
  readonly server: ServedAddress;
  /** What users call it. */
  readonly title: string;
  readonly at: Position | undefined;
}

/** What `prepare` did, so that it can be taken back. */
interface Preparation {
  /** Listeners that were bound, by their key. */
  readonly bound: ReadonlyMap<string, Listener>;
  /** Listeners that gave up their socket for them, by their key. */
  readonly replaced: ReadonlyMap<string, Listener>;
}

/** What a switch left behind. */
export interface Released {
  /** Holds of the generation before, to be waited for. */
  readonly leases: readonly Lease[];
  /** Resolves when the sockets that are no longer used have answered their last requests. */
  readonly stopped: Promise<unknown>;
}

/** The sockets of an engine. They outlive generations; a reload binds what is new and closes what is no longer used. */
export class ListenerSet {
  readonly #log: Logger;
  readonly #listeners = new Map<string, Listener>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Addresses that are listened on, with their ports. */
  addresses(): readonly { readonly address: string; readonly port: number }[] {
    return [...this.#listeners.values()].map(({ address, port }) => ({ address, port }));
  }

  /**
   * Binds what the servers need. Another socket on the same port that they do not need gives way. Synchronous. Throws
   * `start.address_in_use` and the like after everything is as it was before.
   */
  prepare(servers: readonly PlacedServer[]): Preparation {
    const bound = new Map<string, Listener>();
    const replaced = new Map<string, Listener>();
    const kept = new Set(servers.map(({ server }) => keyOf(server)).filter((key) => this.#listeners.has(key)));
    try {
      for (const { server, at } of servers) {
        const key = keyOf(server);
        const before = this.#listeners.get(key);
        if (before !== undefined && !needsNewSocket(before.options, server.options)) continue;
        for (const [other, listener] of this.#inTheWay(server, kept)) {
          replaced.set(other, listener);
          this.#stop(listener);
        }
        bound.set(key, new Listener(server.address, server.options, this.#log, { at }));
      }
      return { bound, replaced };
    } catch (error) {
      this.takeBack({ bound, replaced });
      throw error;
    }
  }

  /** Undoes `prepare`. */
  takeBack({ bound, replaced }: Preparation): void {
    for (const listener of bound.values()) this.#stop(listener);
    for (const listener of replaced.values()) {
      try {
        listener.bind();
      } catch (error) {
        this.#log.error("A listener could not be restored", { address: listener.address, error: messageOf(error) });
      }
    }
  }

  /** Lets the servers answer from the next request on. Synchronous. */
  switchTo(servers: readonly PlacedServer[], { bound, replaced }: Preparation): Released {
    const leases: Lease[] = [];
    const stops: Promise<void>[] = [];
    for (const [key, listener] of replaced) {
      if (listener.lease !== undefined) leases.push(listener.lease);
      this.#listeners.delete(key);
    }
    for (const [key, listener] of bound) this.#listeners.set(key, listener);
    const used = new Set<string>();
    for (const { server } of servers) {
      const key = keyOf(server);
      const lease = this.#listeners.get(key)?.swap(server.handle(), server.options);
      if (lease !== undefined) leases.push(lease);
      used.add(key);
    }
    for (const [key, listener] of this.#listeners) {
      if (used.has(key)) continue;
      if (listener.lease !== undefined) leases.push(listener.lease);
      this.#listeners.delete(key);
      stops.push(listener.stop());
    }
    return { leases, stopped: Promise.all(stops) };
  }

  /** Refuses new connections at once; resolves when every request in flight is answered. */
  async stop(): Promise<void> {
    await Promise.all([...this.#listeners.values()].map((listener) => listener.stop()));
  }

  /** Ends every connection now. */
  async abort(): Promise<void> {
    await Promise.all([...this.#listeners.values()].map((listener) => listener.abort()));
  }

  /** Listeners on the port of a server, its own one included, but none that another server goes on using. */
  #inTheWay(server: ServedAddress, kept: ReadonlySet<string>): readonly (readonly [string, Listener])[] {
    const own = keyOf(server);
    return [...this.#listeners].filter(([key, { address }]) => {
      if (key === own) return true;
      return !kept.has(key) && overlap(parseListenAddress(address), parseListenAddress(server.address));
    });
  }

  #stop(listener: Listener): void {
    listener
      .stop()
      .catch((error: unknown) => this.#log.warn("A listener did not stop cleanly", { error: messageOf(error) }));
  }
}

/** Two servers that ask for any port get two. */
function keyOf({ name, address }: ServedAddress): string {
  return parseListenAddress(address).port === 0 ? `${address} ${name}` : address;
}

/** Throws when two servers want one port: the second would otherwise answer for the first, or not at all. */
export function refuseSharedPorts(servers: readonly PlacedServer[]): void {
  for (const [index, { server, title, at }] of servers.entries()) {
    const address = parseListenAddress(server.address);
    const first = servers.slice(0, index).find((before) => overlap(parseListenAddress(before.server.address), address));
    if (first === undefined) continue;
    const line = first.at === undefined ? "" : ` (line ${first.at.line})`;
    const other = `${first.title}${line}`;
    const text = `${title}: port ${address.port} is already used by ${other}`;
    const places = [at, first.at].filter((place) => place !== undefined);
    throw new WorkflowError("config.value", text, { at: places, hint: "give each server a port of its own" });
  }
}

function overlap(a: ListenAddress, b: ListenAddress): boolean {
  if (a.port !== b.port || a.port === 0) return false;
  const [left, right] = [hostOf(a), hostOf(b)];
  return left === right || left === "*" || right === "*";
}

function hostOf({ host }: ListenAddress): string {
  if (host === "" || host === "0.0.0.0" || host === "::") return "*";
  return host.toLowerCase() === "localhost" ? "127.0.0.1" : host.toLowerCase();
}
