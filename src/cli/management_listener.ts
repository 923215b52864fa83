import { messageOf, WorkflowError } from "../error/error.ts";
import { expandNode, findReferences } from "../config/expand.ts";
import type { Config } from "../config/config.ts";
import type { Registry } from "../define/registry.ts";
import { Listener } from "../engine/listener.ts";
import type { SecretResolver } from "../engine/secrets.ts";
import type { Logger } from "../log/logger.ts";
import { addressMatcher, parseListenAddress } from "../net/address.ts";
import type { ListenerOptions } from "../port/http.ts";
import { child, scalarText } from "../schema/node.ts";
import type { Settings } from "./settings.ts";

const options: Omit<ListenerOptions, "trustedProxies" | "isTrustedProxy"> = {
  idleTimeoutMs: 120_000,
  readTimeoutMs: 30_000,
  writeTimeoutMs: 120_000,
  tls: undefined,
  bodyBytesMax: 10 * 1024 * 1024,
};

/** Ports to try after the default one when the configuration wants that for itself. */
const portTries = 20;

/** What is needed to find out which ports a configuration wants. */
export interface PortQuestion {
  readonly config: Config;
  readonly registry: Registry;
  readonly secrets: SecretResolver;
}

/**
 * Binds the management address. When the configuration's own server wants the default port and no address was given,
 * the next free port is taken instead. Throws `start.address_in_use` and the like.
 */
export async function bindManagement(settings: Settings, question: PortQuestion, log: Logger): Promise<Listener> {
  const address = settings.text("mgmt-addr") ?? ":8081";
  const place = { flag: "-mgmt-addr" };
  const { host, port } = parseListenAddress(address);
  const isFree = settings.isGiven("mgmt-addr") || !(await wantedPorts(settings, question)).includes(port);
  if (isFree) return new Listener(address, listenerOptions(settings), log, place);
  for (let next = port + 1; next <= port + portTries; next++) {
    try {
      const listener = new Listener(`${host}:${next}`, listenerOptions(settings), log, place);
      log.warn(`The configuration uses port ${port}, so the admin UI is on port ${next}; choose with -mgmt-addr`);
      return listener;
    } catch (error) {
      if (!(error instanceof WorkflowError) || error.code !== "start.address_in_use") throw error;
    }
  }
  const text = `no free port for the admin UI from ${port + 1} to ${port + portTries}`;
  throw new WorkflowError("start.address_in_use", text, { hint: "choose one with -mgmt-addr" });
}

/** Binds the address of `-metrics-addr`. */
export function bindMetrics(address: string, settings: Settings, log: Logger): Listener {
  return new Listener(address, listenerOptions(settings), log, { flag: "-metrics-addr" });
}

function listenerOptions(settings: Settings): ListenerOptions {
  const trustedProxies = settings.text("trusted-proxies") ?? "";
  return { ...options, trustedProxies, isTrustedProxy: addressMatcher(trustedProxies) };
}

/** The ports of the configuration's servers, as far as they can be read before it is planned. */
async function wantedPorts(
  settings: Settings,
  { config, registry, secrets }: PortQuestion,
): Promise<readonly number[]> {
  const servers = serversOf(config, registry);
  const ports = await Promise.all(
    servers.map(async (server, index) => {
      const given = index === 0 && settings.isGiven("addr") ? settings.text("addr") : undefined;
      const written = child(child(server, "config"), "address");
      const { values } = await secrets.resolve([...findReferences(written)], AbortSignal.timeout(10_000));
      const address = given ?? (written === undefined ? ":8080" : scalarText(expandNode(written, values)));
      return portOf(address ?? "");
    }),
  );
  return ports.filter((port) => port !== undefined);
}

/** The modules of a configuration that listen. */
export function serversOf(config: Config, registry: Registry) {
  return config.modules.filter(
    (module) => registry.module(scalarText(child(module, "type")) ?? "")?.type === "http.server",
  );
}

function portOf(address: string): number | undefined {
  try {
    return parseListenAddress(address).port;
  } catch (error) {
    // Planning says what is wrong with it, and where.
    void messageOf(error);
    return undefined;
  }
}
