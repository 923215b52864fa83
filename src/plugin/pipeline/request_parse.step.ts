import { defineStep } from "../../define/define.ts";
import type { Exchange } from "../../port/exchange.ts";
import type { Frame } from "../../port/frame.ts";
import { Type } from "../../schema/field.ts";
import { outputOf } from "../../schema/output.ts";
import { parsePattern } from "../../route/pattern.ts";
import { RouteTable } from "../../route/table.ts";
import { knownBody } from "./request_body.ts";

const names = (description: string) => Type.Array(Type.String(), { description, default: [] });

/** Takes path parameters, query parameters, headers and the JSON body out of the HTTP request. */
export default defineStep({
  type: "step.request_parse",
  summary: "Read path, query, headers and JSON body of the HTTP request.",
  category: "pipeline",
  effect: "read",
  config: Type.Object({
    path_params: names("Path parameters to take."),
    query_params: names("Query parameters to take; empty ones are left out."),
    parse_headers: names("Headers to take, named as the output names them."),
    parse_body: Type.Boolean({ description: "Whether to take the body, when it is a JSON object.", default: false }),
  }),
  output: (config) => {
    const keys: string[] = [];
    if (config.path_params.length > 0) keys.push("path_params");
    if (config.query_params.length > 0) keys.push("query");
    if (config.parse_headers.length > 0) keys.push("headers");
    if (config.parse_body) keys.push("body");
    return outputOf(keys);
  },
  build(_context, { path_params, query_params, parse_headers, parse_body }) {
    const pathParams = pathParamReader();
    return (frame) => {
      const output: Record<string, unknown> = {};
      const { exchange } = frame;
      if (path_params.length > 0) output.path_params = pick(path_params, pathParams(frame));
      if (query_params.length > 0) output.query = queryOf(query_params, exchange);
      if (parse_headers.length > 0) output.headers = headersOf(parse_headers, exchange);
      if (!parse_body) return { output };
      const known = knownBody(frame);
      if (known !== undefined) output.body = known;
      if (known !== undefined || exchange?.hasBody !== true) return { output };
      return exchange.jsonObject().then((body) => ({ output: body === undefined ? output : { ...output, body } }));
    };
  },
});

function pick(wanted: readonly string[], values: Readonly<Record<string, string>>): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of wanted) if (Object.hasOwn(values, name)) found[name] = values[name] ?? "";
  return found;
}

/**
 * Reads the matched route's parameters; for runs under another pattern, what that pattern gives for the request's path.
 * A pipeline meets few patterns, those of the configuration, and each is compiled once.
 */
function pathParamReader(): (frame: Frame) => Readonly<Record<string, string>> {
  const tables = new Map<string, RouteTable<true>>();
  const tableOf = (pattern: string): RouteTable<true> => {
    const known = tables.get(pattern);
    if (known !== undefined) return known;
    const table = RouteTable.build([{ pattern: parsePattern("", pattern), value: true as const }]);
    tables.set(pattern, table);
    return table;
  };
  return ({ exchange, pattern }) => {
    if (exchange === undefined || pattern === "") return noParams;
    if (exchange.pattern === pattern) return exchange.params;
    const match = tableOf(pattern).match(exchange.method, exchange.path);
    return match.kind === "found" ? match.params : noParams;
  };
}

const noParams: Readonly<Record<string, string>> = Object.freeze({});

function queryOf(wanted: readonly string[], exchange: Exchange | undefined): Record<string, string> {
  const found: Record<string, string> = {};
  if (exchange === undefined || exchange.search === "") return found;
  for (const name of wanted) {
    const value = exchange.query.get(name);
    if (value !== null && value !== "") found[name] = value;
  }
  return found;
}

function headersOf(wanted: readonly string[], exchange: Exchange | undefined): Record<string, string> {
  const found: Record<string, string> = {};
  if (exchange === undefined) return found;
  for (const name of wanted) found[name] = exchange.headers.get(name) ?? "";
  return found;
}
