import { WorkflowError } from "../error/error.ts";
import { cleanPath, decodePath } from "./clean.ts";

/** One part of a pattern between slashes. `rest` and `end` come last; an unnamed `rest` is a trailing slash. */
export type Segment =
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "wildcard"; readonly name: string }
  | { readonly kind: "rest"; readonly name: string }
  | { readonly kind: "end" };

/** A parsed route: what to match, decoded and checked. */
export interface RoutePattern {
  /** Upper case; "" serves every method, and GET also serves HEAD. */
  readonly method: string;
  /** The path as it was written. */
  readonly path: string;
  /** Method and path as a person writes them, for messages: `GET /orders/{id}`. */
  readonly text: string;
  readonly segments: readonly Segment[];
  /** Parameter names in the order of the path. */
  readonly names: readonly string[];
}

// Guessed; bounds the depth of the route tree. Servers refuse request lines far sooner than such a route is useful.
const lengthMax = 2_048;
// RFC 9110 §5.6.2.
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const parameterName = /^[\p{L}_][\p{L}\p{Nd}_]*$/u;

/**
 * Parses a route in the syntax of Go 1.22's `ServeMux`, without hosts: literals, `{name}`, `{name...}` and `{$}` at the
 * end, a trailing slash for a subtree; `:name` is the same as `{name}`. Throws `config.value`.
 */
export function parsePattern(method: string, path: string): RoutePattern {
  const verb = method.trim().toUpperCase();
  const text = verb === "" ? path : `${verb} ${path}`;
  const fail = (reason: string): never => {
    throw new WorkflowError("config.value", `invalid route "${text}": ${reason}`);
  };
  if (verb !== "" && !token.test(verb)) fail("the method is not a valid HTTP method");
  if (path === "") fail("the path is empty");
  if (!path.startsWith("/")) fail('the path must start with "/"');
  if (path.length > lengthMax) fail(`the path is longer than ${lengthMax} characters`);
  const cleaned = cleanPath(path);
  if (cleaned !== path) fail(`no request can match an unclean path, write "${cleaned}"`);
  const parts = path.slice(1).split("/");
  const segments = parts.map((part, index) => parseSegment(part, index === parts.length - 1, fail));
  return { method: verb, path, text, segments, names: collectNames(segments, fail) };
}

type Fail = (reason: string) => never;

function parseSegment(part: string, isLast: boolean, fail: Fail): Segment {
  if (part === "" && isLast) return { kind: "rest", name: "" };
  if (part.startsWith(":")) return { kind: "wildcard", name: checkName(part.slice(1), part, fail) };
  if (!part.includes("{")) return { kind: "literal", text: decodePath(part) ?? part };
  if (!part.startsWith("{")) return fail(`a parameter must be a whole segment, but "${part}" has text before "{"`);
  if (!part.endsWith("}")) return fail(`a parameter must be a whole segment, but "${part}" does not end with "}"`);
  const inside = part.slice(1, -1);
  if (inside === "$") return isLast ? { kind: "end" } : fail('"{$}" may only stand at the end');
  if (!inside.endsWith("...")) return { kind: "wildcard", name: checkName(inside, part, fail) };
  if (!isLast) return fail(`"${part}" may only stand at the end`);
  return { kind: "rest", name: checkName(inside.slice(0, -3), part, fail) };
}

function checkName(name: string, part: string, fail: Fail): string {
  if (name === "") return fail(`"${part}" has no parameter name`);
  if (!parameterName.test(name)) return fail(`"${part}" is not a parameter: use letters, digits and "_" for its name`);
  return name;
}

function collectNames(segments: readonly Segment[], fail: Fail): string[] {
  const names: string[] = [];
  for (const segment of segments) {
    if ((segment.kind !== "wildcard" && segment.kind !== "rest") || segment.name === "") continue;
    if (names.includes(segment.name)) fail(`the parameter "${segment.name}" stands twice`);
    names.push(segment.name);
  }
  return names;
}
