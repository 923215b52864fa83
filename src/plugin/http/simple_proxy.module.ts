import { defineModule } from "../../define/define.ts";
import { WorkflowError } from "../../error/error.ts";
import type { Exchange } from "../../port/exchange.ts";
import { HttpHandler } from "../../port/http.ts";
import { decodePath } from "../../route/clean.ts";
import { duration, Type } from "../../schema/field.ts";
import { forward, parseBackend } from "./forward.ts";
import { textError } from "./text_error.ts";

interface Target {
  readonly prefix: string;
  readonly backend: URL;
}

/** Passes requests on to the backend of the longest prefix of their path. */
export default defineModule({
  type: "http.simple_proxy",
  summary: "Reverse proxy that picks the backend by the longest matching path prefix.",
  category: "http",
  provides: [HttpHandler],
  config: Type.Object({
    targets: Type.Record(Type.String(), Type.String(), {
      description: "Backend URL for each path prefix; the whole path of the request is appended to the URL's own.",
      examples: [{ "/api/users": "http://users:9001", "/": "http://web:9000" }],
    }),
    timeout: duration({ description: "Time until a backend must have begun to answer.", default: "30s", minimum: 1 }),
  }),
  create({ at, log, runtime }, { targets, timeout }) {
    const ordered = readTargets(targets, (prefix, reason) => {
      const text = `targets.${prefix}: proxy target must be a string URL: ${reason}`;
      return new WorkflowError("config.value", text, { at: [at] });
    });
    const options = { clock: runtime.clock, log, timeoutMs: timeout };
    const handle = (exchange: Exchange) => {
      const backend = findBackend(ordered, exchange.path);
      return backend === undefined
        ? textError(502, "no backend configured for path")
        : forward(exchange, backend, options);
    };
    const service: HttpHandler = { handler: () => handle };
    return { service };
  },
});

function readTargets(
  targets: Readonly<Record<string, string>>,
  fail: (prefix: string, reason: string) => WorkflowError,
): readonly Target[] {
  return Object.entries(targets)
    .map(([prefix, text]) => ({ prefix, backend: parseBackend(text, (reason) => fail(prefix, reason)) }))
    .sort((a, b) => b.prefix.length - a.prefix.length);
}

/** Prefixes end at a slash: `/api` stands for `/api` and `/api/users`, and not for `/apian`. */
function findBackend(targets: readonly Target[], path: string): URL | undefined {
  const decoded = decodePath(path) ?? path;
  return targets.find(({ prefix }) => {
    if (!decoded.startsWith(prefix)) return false;
    return prefix.endsWith("/") || decoded.length === prefix.length || decoded.charCodeAt(prefix.length) === 0x2f;
  })?.backend;
}
