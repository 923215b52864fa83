import { defineModule } from "../../define/define.ts";
import { placed, prefixed } from "../../error/error.ts";
import { asMap, ownValue } from "../../json/map.ts";
import { type Handle, Router, RouteRank } from "../../port/http.ts";
import { file, type FileContent, optionalRef, size, Type } from "../../schema/field.ts";
import { operationHandle, type OperationOptions, pipelineName } from "./operation_handle.ts";
import { routeParameter } from "./parameter_check.ts";
import { SchemaChecker } from "./schema_checker.ts";
import { parseSpec, type SpecDocument } from "./spec_document.ts";
import { defaultAssetsUrl, swaggerPage } from "./swagger_page.ts";

/** Adds the routes of an OpenAPI document, which check requests and run the pipelines that the document names. */
export default defineModule({
  type: "openapi",
  summary: "Routes from an OpenAPI 3 document, with checks of requests and Swagger UI.",
  category: "openapi",
  config: Type.Object({
    spec_file: file({ description: "OpenAPI 3 document, YAML or JSON." }),
    base_path: Type.String({ description: "Path before every path of the document.", default: "" }),
    router: optionalRef(Router, {
      description: "Router for the routes; found through `dependsOn` when it is not named.",
      fallback: "affinity",
    }),
    validation: Type.Object(
      { request: Type.Boolean({ description: "Whether requests are checked by the document.", default: true }) },
      { description: "Checks by the document.", default: {} },
    ),
    swagger_ui: Type.Object(
      {
        enabled: Type.Boolean({ description: "Whether there is a page that shows the document.", default: false }),
        path: Type.String({ description: "Path of the page below `base_path`.", default: "/docs" }),
        assets_url: Type.String({
          description:
            "Where the page loads Swagger UI from; without it the environment variable " +
            "`SWAGGER_UI_ASSETS_BASE_URL`, then unpkg.com.",
          default: "",
        }),
      },
      { description: "Swagger UI.", default: {} },
    ),
    max_body_bytes: size({ description: "Size of a request body that is taken.", default: 1_048_576, minimum: 1 }),
  }),
  create({ name, log, runtime }, config) {
    const { spec_file: source, router } = config;
    const document = parsed(source, name);
    const base = basePath(config.base_path);
    const options: OperationOptions = {
      document,
      checker: config.validation.request ? new SchemaChecker(document, log) : undefined,
      bytesMax: config.max_body_bytes,
      pipelines: runtime.pipelines,
    };
    const add = (method: string, path: string, handle: Handle) =>
      router?.add({ method, path, handle, rank: RouteRank.openapi, at: source.at, source: `openapi ${name}` });
    for (const operation of document.operations) {
      add(operation.method, base + routePath(operation.path), operationHandle(operation, options));
    }
    addDocuments(document, source.text, base, add);
    if (config.swagger_ui.enabled) {
      const title = String(ownValue(asMap(document.root.info), "title") ?? name);
      const assetsUrl = config.swagger_ui.assets_url || Bun.env.SWAGGER_UI_ASSETS_BASE_URL || defaultAssetsUrl;
      const page = swaggerPage({ title, specUrl: `${base}/openapi.json`, assetsUrl });
      add("GET", base + basePath(config.swagger_ui.path), fixed(page, "text/html; charset=utf-8"));
    }
    return {
      start() {
        const operations = document.operations.length;
        if (router === undefined) log.warn("No router for the routes of the OpenAPI spec", { file: source.name });
        else log.info("OpenAPI spec loaded", { file: source.name, operations });
        for (const operation of document.operations) {
          const pipeline = pipelineName(operation);
          if (pipeline === "" || runtime.pipelines.find(pipeline) !== undefined) continue;
          log.warn("Operation names a pipeline that is not defined", { operation: operation.operationId, pipeline });
        }
      },
    };
  },
});

function parsed({ text, at, name: file }: FileContent, module: string): SpecDocument {
  try {
    return parseSpec(text);
  } catch (error) {
    throw placed(prefixed(`openapi module "${module}": ${file}: `, error, "config.value"), at);
  }
}

/** With one slash at the beginning and none at the end; empty for the root. */
function basePath(text: string): string {
  const path = text.replace(/\/+$/, "");
  return path === "" || path.startsWith("/") ? path : `/${path}`;
}

/** A path of the document as a route: a slash at its end stands for itself, not for everything below. */
function routePath(path: string): string {
  const named = path.replaceAll(/\{([^{}]*)\}/g, (_, name: string) => `{${routeParameter(name)}}`);
  return named.endsWith("/") ? `${named}{$}` : named;
}

function addDocuments(
  document: SpecDocument,
  text: string,
  base: string,
  add: (method: string, path: string, handle: Handle) => void,
): void {
  add("GET", `${base}/openapi.json`, fixed(`${JSON.stringify(document.root)}\n`, "application/json"));
  if (!document.isJson) add("GET", `${base}/openapi.yaml`, fixed(text, "application/yaml"));
}

function fixed(body: string, type: string): Handle {
  return () => new Response(body, { headers: { "content-type": type } });
}
