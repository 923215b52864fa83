import type { Route } from "../../port/http.ts";

/** The general part of a generated document. */
export interface DocumentInfo {
  readonly title: string;
  readonly version: string;
  readonly description: string;
  /** Each a URL, or a map as OpenAPI has it. */
  readonly servers: readonly unknown[];
}

/** The methods that OpenAPI 3.0 knows (OpenAPI 3.0.3 §4.7.9). */
const known: ReadonlySet<string> = new Set(["GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"]);
const withBody: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH"]);

/** Describes routes as an OpenAPI 3.0.3 document. */
export function describeRoutes(info: DocumentInfo, routes: readonly Route[]): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  const operationIds = new Set<string>();
  for (const route of routes) {
    if (!known.has(route.method)) continue;
    const path = documentPath(route.path);
    const item = (paths[path] ??= {});
    item[route.method.toLowerCase()] ??= operationOf(route, path, operationIds);
  }
  const { title, version, description, servers } = info;
  return {
    openapi: "3.0.3",
    info: { title, version, ...(description === "" ? {} : { description }) },
    ...(servers.length === 0 ? {} : { servers: servers.map((server) => (isText(server) ? { url: server } : server)) }),
    paths,
  };
}

/** `:id`, `{id}` and `{rest...}` as OpenAPI writes parameters. */
function documentPath(path: string): string {
  const segments = path.split("/").map((segment) => {
    if (segment === "{$}") return "";
    if (segment.startsWith(":")) return `{${segment.slice(1)}}`;
    return segment.replace(/\.\.\.\}$/, "}");
  });
  return segments.join("/");
}

function operationOf(
  { method, middlewares, document }: Route,
  path: string,
  operationIds: Set<string>,
): Record<string, unknown> {
  const names = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name = ""]) => name);
  const isProtected = middlewares?.some(({ requiresCredential }) => requiresCredential === true) === true;
  const summary = document?.summary ?? document?.description;
  return {
    ...(summary === undefined ? {} : { summary }),
    ...(document?.description === undefined ? {} : { description: document.description }),
    operationId: unique(document?.operationId ?? defaultOperationId(method, path), operationIds),
    ...(document?.tags === undefined ? {} : { tags: document.tags }),
    ...(names.length === 0 ? {} : { parameters: names.map(pathParameter) }),
    ...(withBody.has(method)
      ? { requestBody: { content: { "application/json": { schema: { type: "object" } } } } }
      : {}),
    responses: {
      "200": { description: "Success" },
      ...(isProtected ? { "401": { description: "No valid credential" }, "403": { description: "Not allowed" } } : {}),
    },
  };
}

function pathParameter(name: string): Record<string, unknown> {
  return { name, in: "path", required: true, schema: { type: "string" } };
}

/** `GET /api/users/{id}` is `getApiUsersBy_id`. */
function defaultOperationId(method: string, path: string): string {
  const words = path
    .split(/[/.-]+/)
    .filter((part) => part !== "")
    .map((part) => (part.startsWith("{") ? `by_${part.slice(1, -1)}` : part))
    .map((part) => part.slice(0, 1).toUpperCase() + part.slice(1));
  return method.toLowerCase() + words.join("");
}

/** Operation ids must differ within a document (OpenAPI 3.0.3 §4.7.10.1). */
function unique(wanted: string, taken: Set<string>): string {
  let id = wanted;
  for (let count = 2; taken.has(id); count++) id = `${wanted}_${count}`;
  taken.add(id);
  return id;
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}
