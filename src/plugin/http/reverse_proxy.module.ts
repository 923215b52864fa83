import type { Static } from "typebox";
import { defineModule } from "../../define/define.ts";
import { type Position, WorkflowError } from "../../error/error.ts";
import { type Handle, Router, RouteRank } from "../../port/http.ts";
import { choice, real, ref, Type } from "../../schema/field.ts";
import { compositeHandle, type CompositeBackend } from "./composite.ts";
import { backendError, forward, type ForwardOptions, parseBackend } from "./forward.ts";
import { passHeaders } from "./pass_headers.ts";

const composite = Type.Object({
  pattern: Type.String({ description: "Path as a key of `routes`.", minLength: 1 }),
  backends: Type.Array(Type.String(), { description: "Backends to ask, by name.", minItems: 1 }),
  strategy: choice(["select", "merge"], {
    description:
      "`select` gives the first answer of a backend that works; only idempotent requests go to a second one. " +
      "`merge` asks all at once and gives one JSON object with their answers under their names.",
    default: "select",
  }),
});

const config = Type.Object({
  router: ref(Router, {
    description: "Router that the paths are put on; found through `dependsOn` when it is not named.",
    fallback: "affinity",
  }),
  backend_services: Type.Record(Type.String(), Type.String(), {
    description: "URL of each backend by its name.",
    default: {},
  }),
  default_backend: Type.Optional(
    Type.String({ description: "Backend for every path without a route of its own; 404 without." }),
  ),
  routes: Type.Record(Type.String(), Type.String(), {
    description: "Backend for each path; a path that ends in `/*` stands for all below it.",
    default: {},
    examples: [{ "/api/users/*": "users" }],
  }),
  composite_routes: Type.Record(Type.String(), composite, {
    description: "Paths that several backends answer together.",
    default: {},
  }),
  timeout: real({
    description: "Seconds until a backend must have begun to answer.",
    default: 30,
    minimum: 0.001,
  }),
  forward_headers: Type.Optional(
    Type.Array(Type.String(), {
      description:
        "Request headers that backends see beside those about content, ranges, conditions, negotiation and " +
        "forwarding; without this list they see all.",
    }),
  ),
});

// Each method apart: a route for every method would leave the order to a narrower `GET` route undecided.
const methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/** Passes requests on to the backend that is configured for their path. */
export default defineModule({
  type: "reverseproxy",
  aliases: ["http.proxy"],
  summary: "Reverse proxy with named backends, set in the module or in the top-level section `reverseproxy`.",
  category: "http",
  section: "reverseproxy",
  config,
  create({ name, at, log, runtime }, settings) {
    const { router, forward_headers: headers } = settings;
    const edit = headers === undefined ? {} : { edit: passHeaders(headers) };
    const options = { clock: runtime.clock, log, timeoutMs: settings.timeout * 1000, ...edit };
    const backends = new Backends(settings.backend_services, at, options);
    for (const { pattern, handle, key } of handlesOf(settings, backends)) {
      const path = routePath(pattern, at);
      const source = `${name}: ${key}`;
      for (const method of methods) router.add({ method, path, handle, rank: RouteRank.files, at, source });
    }
    return {};
  },
});

interface PathHandle {
  readonly pattern: string;
  readonly handle: Handle;
  /** The setting it comes from. */
  readonly key: string;
}

function handlesOf(settings: Static<typeof config>, backends: Backends): readonly PathHandle[] {
  const found: PathHandle[] = [];
  for (const [name, { pattern, backends: ids, strategy }] of Object.entries(settings.composite_routes)) {
    const members = ids.map((id) => backends.member(id));
    const handle = compositeHandle(members, strategy, backends.options);
    found.push({ pattern, handle, key: `composite_routes.${name}` });
  }
  for (const [pattern, id] of Object.entries(settings.routes)) {
    found.push({ pattern, handle: backends.handle(id), key: `routes.${pattern}` });
  }
  if (settings.default_backend !== undefined) {
    found.push({ pattern: "/*", handle: backends.handle(settings.default_backend), key: "default_backend" });
  }
  return found;
}

/** `/x/*` in the syntax of routes. */
function routePath(pattern: string, at: Position): string {
  const path = pattern.endsWith("/*") ? `${pattern.slice(0, -1)}{path...}` : pattern;
  if (!path.includes("*")) return path;
  const text = `path ${JSON.stringify(pattern)}: "*" may only stand at the end, after a slash`;
  throw new WorkflowError("config.value", text, { at: [at] });
}

/** The backends by name. One that is not defined answers 502, as one that is down does. */
class Backends {
  readonly options: ForwardOptions;
  readonly #urls = new Map<string, URL>();

  constructor(services: Readonly<Record<string, string>>, at: Position, options: ForwardOptions) {
    this.options = options;
    for (const [id, text] of Object.entries(services)) {
      const fail = (reason: string) =>
        new WorkflowError("config.value", `backend_services.${id}: ${reason}`, { at: [at] });
      this.#urls.set(id, parseBackend(text, fail));
    }
  }

  member(id: string): CompositeBackend {
    const url = this.#urls.get(id);
    if (url === undefined) this.options.log.warn(`Backend "${id}" is not defined in backend_services`);
    return { id, url };
  }

  handle(id: string): Handle {
    const { url } = this.member(id);
    return url === undefined
      ? (exchange) => backendError(502, id, "backend unavailable", exchange)
      : (exchange) => forward(exchange, url, this.options);
  }
}
