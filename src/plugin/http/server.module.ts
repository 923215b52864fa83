import { defineModule } from "../../define/define.ts";
import { WorkflowError } from "../../error/error.ts";
import { addressMatcher, parseListenAddress } from "../../net/address.ts";
import {
  HttpServer,
  type ListenerHandle,
  type ListenerOptions,
  RouteRank,
  type ServingRouter,
} from "../../port/http.ts";
import { answerProbe, probePaths } from "../../port/probe.ts";
import type { HealthBoard } from "../../port/runtime.ts";
import { choice, duration, file, size, Type } from "../../schema/field.ts";
import { RouteCollector } from "./route_collector.ts";

const clientAuth = choice(["none", "request", "require"], {
  description: "Whether clients must show a certificate signed by `ca_file`.",
  default: "none",
});

/** Listens on an address and serves one router. */
export default defineModule({
  type: "http.server",
  aliases: ["httpserver.modular"],
  summary: "Listener that serves one router.",
  category: "http",
  provides: [HttpServer],
  config: Type.Object({
    address: Type.String({ description: "Address to listen on, `host:port` or `:port`.", default: ":8080" }),
    readTimeout: duration({ description: "Time for reading a request body.", default: "30s", minimum: 1 }),
    writeTimeout: duration({ description: "Time until a response must have begun.", default: "30s", minimum: 1 }),
    idleTimeout: duration({
      description: "Time a connection may be idle, at most 255 s.",
      default: "120s",
      minimum: 1,
    }),
    maxBodyBytes: size({ description: "Size of a body that is read into memory.", default: "10MiB", minimum: 1 }),
    trustedProxies: Type.String({
      description: "Peers whose `X-Forwarded-For` counts: `loopback`, `private`, addresses and CIDR blocks.",
      default: "loopback,private",
    }),
    tls: Type.Optional(
      Type.Object(
        {
          mode: choice(["manual", "autocert", "disabled"], {
            description: "Where certificates come from.",
            default: "manual",
          }),
          manual: Type.Optional(
            Type.Object(
              {
                cert_file: file({ description: "PEM file with the certificate chain." }),
                key_file: file({ description: "PEM file with the private key." }),
                ca_file: Type.Optional(file({ description: "PEM file with the authorities of client certificates." })),
                client_auth: clientAuth,
              },
              { description: "Certificates from files." },
            ),
          ),
          client_ca_file: Type.Optional(file({ description: "PEM file with the authorities of client certificates." })),
          client_auth: clientAuth,
        },
        { description: "TLS settings; plain HTTP without." },
      ),
    ),
  }),
  create({ name, at, log, runtime }, config) {
    parseListenAddress(config.address);
    const { tls } = config;
    if (tls?.mode === "autocert") {
      const hint = "use mode: manual with files that cert-manager or an ACME client keeps current";
      throw new WorkflowError("config.unavailable_type", `http.server "${name}": tls mode autocert is not available`, {
        at: [at],
        hint,
      });
    }
    if (tls?.mode === "manual" && tls.manual === undefined) {
      throw new WorkflowError(
        "config.required",
        `http.server "${name}": tls.manual with cert_file and key_file is required`,
        { at: [at] },
      );
    }
    const isTls = tls !== undefined && tls.mode !== "disabled" && tls.manual !== undefined;
    const options: ListenerOptions = {
      idleTimeoutMs: config.idleTimeout,
      readTimeoutMs: config.readTimeout,
      writeTimeoutMs: config.writeTimeout,
      tls: isTls && tls.manual !== undefined ? tlsOptions(tls.manual, tls) : undefined,
      trustedProxies: config.trustedProxies,
      isTrustedProxy: addressMatcher(config.trustedProxies),
      bodyBytesMax: config.maxBodyBytes,
    };
    const unrouted = () => new RouteCollector(name, log, runtime);
    return {
      service: new AttachedServer({ name, address: config.address, options, unrouted, health: runtime.health }),
    };
  },
});

interface PemText {
  readonly text: string;
}

interface ClientAuth {
  readonly client_auth: "none" | "request" | "require";
}

function tlsOptions(
  manual: ClientAuth & { readonly cert_file: PemText; readonly key_file: PemText; readonly ca_file?: PemText },
  outer: ClientAuth & { readonly client_ca_file?: PemText },
): NonNullable<ListenerOptions["tls"]> {
  const ca = manual.ca_file ?? outer.client_ca_file;
  return {
    cert: manual.cert_file.text,
    key: manual.key_file.text,
    ...(ca === undefined ? {} : { ca: ca.text }),
    clientAuth: manual.client_auth === "none" ? outer.client_auth : manual.client_auth,
  };
}

interface ServerParts {
  readonly name: string;
  readonly address: string;
  readonly options: ListenerOptions;
  /** Makes the router of a server that none was attached to. */
  readonly unrouted: () => RouteCollector;
  readonly health: HealthBoard;
}

class AttachedServer implements HttpServer {
  readonly name: string;
  readonly address: string;
  readonly options: ListenerOptions;
  readonly #parts: ServerParts;
  #router: ServingRouter | undefined;
  #handle: ListenerHandle | undefined;

  constructor(parts: ServerParts) {
    this.name = parts.name;
    this.address = parts.address;
    this.options = parts.options;
    this.#parts = parts;
  }

  attach(router: ServingRouter, strength: "default" | "explicit"): void {
    if (strength === "explicit" || this.#router === undefined) this.#router = router;
  }

  handle(): ListenerHandle {
    this.#handle ??= this.#connect();
    return this.#handle;
  }

  /** Probes come last: a route of the user's with the same path wins. */
  #connect(): ListenerHandle {
    const router = this.#router ?? this.#parts.unrouted();
    for (const [path, kind] of probePaths) {
      const handle = () => answerProbe(kind, this.#parts.health);
      router.add({ method: "GET", path, handle, rank: RouteRank.probe, source: `probes of ${this.name}` });
    }
    return router.listenerHandle();
  }
}
