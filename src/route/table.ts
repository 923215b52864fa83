import { WorkflowError } from "../error/error.ts";
import { cleanPath, decodePath } from "./clean.ts";
import { describeConflict } from "./conflict.ts";
import { findConflicts, type RouteConflict } from "./conflict_search.ts";
import type { RoutePattern } from "./pattern.ts";
import { type Route, RouteTree } from "./tree.ts";

/** What a request's method and path lead to. */
export type RouteMatch<T> =
  | {
      readonly kind: "found";
      readonly value: T;
      /** Decoded parameters by name, in an object without prototype. */
      readonly params: Readonly<Record<string, string>>;
      readonly pattern: RoutePattern;
    }
  /** `location` is a path, safe to send as it is; the query is the caller's to add. */
  | { readonly kind: "redirect"; readonly location: string }
  /** `allow` is the value of the `Allow` header (RFC 9110 §10.2.1). */
  | { readonly kind: "method_not_allowed"; readonly allow: string }
  | { readonly kind: "not_found" };

interface MethodRoutes<T> {
  /** Routes without parameters by their raw path: the short way for most requests. */
  readonly static: Map<string, RouteMatch<T>>;
  /** Every route, for what the short way cannot answer. */
  readonly tree: RouteTree<T>;
}

const notFound = { kind: "not_found" } as const;
const noParams: Readonly<Record<string, string>> = Object.freeze(Object.create(null));

/** An immutable set of routes, matched by the rules of Go 1.22's `ServeMux`. */
export class RouteTable<T> {
  readonly #byMethod = new Map<string, MethodRoutes<T>>();
  /** For each method the sets to ask, the most specific first. */
  readonly #searches = new Map<string, readonly MethodRoutes<T>[]>();
  readonly #searchOthers: readonly MethodRoutes<T>[];

  private constructor(routes: readonly Route<T>[]) {
    for (const route of routes) this.#add(route);
    const search = (...methods: string[]): MethodRoutes<T>[] =>
      methods.map((method) => this.#byMethod.get(method)).filter((found) => found !== undefined);
    this.#searchOthers = search("");
    for (const method of this.#byMethod.keys()) this.#searches.set(method, search(method, ""));
    if (this.#byMethod.has("GET")) this.#searches.set("HEAD", search("HEAD", "GET", ""));
  }

  /** Builds a table. Throws `config.route_conflict` naming the first two routes that conflict. */
  static build<T>(entries: readonly Route<T>[]): RouteTable<T> {
    const [conflict] = findConflicts(entries);
    if (conflict !== undefined) {
      throw new WorkflowError(
        "config.route_conflict",
        describeConflict(conflict.first.pattern, conflict.second.pattern),
        { hint: "remove one of them, or make one narrower than the other" },
      );
    }
    return new RouteTable(entries);
  }

  /** The pairs of routes that `build` would refuse, in the order of the entries, at most 100. */
  static conflicts<E extends { readonly pattern: RoutePattern }>(entries: readonly E[]): RouteConflict<E>[] {
    return findConflicts(entries);
  }

  #add(route: Route<T>): void {
    const { pattern, value } = route;
    const routes = this.#byMethod.get(pattern.method) ?? { static: new Map(), tree: new RouteTree<T>() };
    this.#byMethod.set(pattern.method, routes);
    routes.tree.add(route);
    const key = staticKey(pattern);
    if (key !== undefined) routes.static.set(key, { kind: "found", value, params: noParams, pattern });
  }

  /** Leads a method (upper case) and a raw, still percent-encoded URL path without query to its route. */
  match(method: string, path: string): RouteMatch<T> {
    const search = this.#searches.get(method) ?? this.#searchOthers;
    // Without conflicts, a route that matches by its whole text is the most specific one, whatever its method.
    for (const routes of search) {
      const found = routes.static.get(path);
      if (found !== undefined) return found;
    }
    if (path.charCodeAt(0) !== 0x2f || decodePath(path) === undefined) return notFound;
    const cleaned = cleanPath(path);
    if (cleaned === path) return this.#matchTree(search, path);
    const onward = this.#matchTree(search, cleaned);
    return onward.kind === "redirect" ? onward : redirectTo(cleaned);
  }

  #matchTree(search: readonly MethodRoutes<T>[], path: string): RouteMatch<T> {
    for (const { tree } of search) {
      const route = tree.find(path);
      if (route === undefined) continue;
      const { pattern, value } = route;
      const params = tree.params(route);
      const isInexact = pattern.segments.at(-1)?.kind === "rest" && path.charCodeAt(path.length - 1) !== 0x2f;
      if (isInexact && meansSubtree(search, path)) return redirectTo(`${path}/`);
      return { kind: "found", value, params, pattern };
    }
    if (meansSubtree(search, path)) return redirectTo(`${path}/`);
    const allow = this.#allowedMethods(path);
    return allow.length === 0 ? notFound : { kind: "method_not_allowed", allow: allow.join(", ") };
  }

  #allowedMethods(path: string): string[] {
    const allowed = new Set<string>();
    for (const [method, { tree }] of this.#byMethod) {
      if (tree.find(path) === undefined && !tree.hasSubtree(path)) continue;
      allowed.add(method);
      if (method === "GET") allowed.add("HEAD");
    }
    return [...allowed].sort();
  }
}

/** Whether "/tree", which only a wider subtree serves if any, stands for "/tree/". */
function meansSubtree<T>(search: readonly MethodRoutes<T>[], path: string): boolean {
  return search.some(({ tree }) => tree.hasSubtree(path));
}

/** The one raw path that a route without parameters matches, if it can be written without percent-encoding. */
function staticKey({ segments }: RoutePattern): string | undefined {
  let key = "";
  for (const segment of segments) {
    if (segment.kind === "end") return `${key}/`;
    // What would read differently in a raw path is left to the tree, which compares decoded segments.
    if (segment.kind !== "literal" || /^\.{0,2}$|[%/]/.test(segment.text)) return undefined;
    key += `/${segment.text}`;
  }
  return key;
}

/** Encodes what a browser would not take literally: a leading "/\" for one means another host. */
function redirectTo<T>(path: string): RouteMatch<T> {
  const location = path.toWellFormed().replace(/[^!$-;=@-Z_a-z~]/gu, (character) => encodeURIComponent(character));
  return { kind: "redirect", location };
}
