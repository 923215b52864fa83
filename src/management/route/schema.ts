import { configSchemaOf } from "../../define/config_schema.ts";
import { describeTypes } from "../../define/describe.ts";
import type { Registry } from "../../define/registry.ts";
import { WorkflowError } from "../../error/error.ts";
import type { ManagementRoute } from "../route.ts";

/** What editors and forms are made from: the schema of the file, and that of every type. */
export const schemaRoutes: readonly ManagementRoute[] = [
  {
    method: "GET",
    path: "/api/schema",
    aliases: ["/api/v1/admin/schemas"],
    access: "public",
    summary: "JSON Schema of the configuration file.",
    handle: (_exchange, { registry }) => answer(documentsOf(registry).configuration, "application/schema+json"),
  },
  {
    method: "GET",
    path: "/api/v1/module-schemas",
    aliases: ["/api/v1/admin/schemas/modules"],
    access: "guide",
    summary: "Every module and step type with its settings and ports, or one of them with `?type=`.",
    handle(exchange, { registry }) {
      const { types, all } = documentsOf(registry);
      const type = exchange.query.get("type") ?? "";
      if (type === "") return answer(all, "application/json");
      const named = registry.module(type)?.type ?? registry.step(type)?.type ?? type;
      const one = types.get(named);
      if (one === undefined) throw new WorkflowError("module.not_found", "unknown module type");
      return answer(one, "application/json");
    },
  },
];

interface Documents {
  readonly configuration: string;
  /** Each type's description, as text. */
  readonly types: ReadonlyMap<string, string>;
  readonly all: string;
}

const documents = new WeakMap<Registry, Documents>();

/** The answers of a registry, made when they are first asked for: a registry never changes. */
function documentsOf(registry: Registry): Documents {
  const known = documents.get(registry);
  if (known !== undefined) return known;
  const described = describeTypes(registry);
  const made = {
    configuration: pretty(configSchemaOf(registry)),
    types: new Map([...described].map(([type, description]) => [type, pretty(description)])),
    all: pretty(Object.fromEntries(described)),
  };
  documents.set(registry, made);
  return made;
}

function pretty(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

function answer(body: string, contentType: string): Response {
  return new Response(body, { headers: { "content-type": contentType, "cache-control": "no-cache" } });
}
