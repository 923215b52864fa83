import { asMap, ownValue } from "../../../json/map.ts";
import { type ApiOperation, operationsOf } from "./api_operation.ts";
import { type AuthOperations, findAuth, isAuthPath } from "./auth_path.ts";
import type { FormField } from "./form_field.ts";
import { resourcesOf, type UiResource } from "./ui_resource.ts";

/** Colours of the interface; `auto` follows the system. */
export type Theme = "auto" | "light" | "dark";

/** What an interface is made from. */
export interface UiAnalysis {
  readonly title: string;
  readonly version: string;
  readonly theme: Theme;
  readonly hasAuth: boolean;
  readonly loginPath: string;
  readonly registerPath: string;
  readonly auth: AuthOperations;
  readonly operations: readonly ApiOperation[];
  readonly resources: readonly UiResource[];
  /** What the paths begin with on the server: the path of the document's first server, such as `/api/v1`. */
  readonly apiPath: string;
}

/** What the settings say about an interface. */
export interface UiOptions {
  readonly title: string | undefined;
  readonly theme: Theme;
  /** Whether there are pages to sign in; undefined to go by the document. */
  readonly auth: boolean | undefined;
}

/** Finds the pages, forms and calls that an API needs. */
export function analyze(root: Record<string, unknown>, { title, theme, auth }: UiOptions): UiAnalysis {
  const operations = operationsOf(root);
  const found = findAuth(operations);
  const hasAuth = auth ?? operations.some(({ method, path }) => method === "POST" && isAuthPath(path));
  const [loginPath, registerPath] = [found.login?.path ?? "", found.register?.path ?? ""];
  const info = asMap(ownValue(root, "info"));
  return {
    title: title ?? textOr(ownValue(info, "title"), "My App"),
    version: textOr(ownValue(info, "version"), ""),
    theme,
    hasAuth,
    loginPath: hasAuth && loginPath === "" ? "/auth/login" : loginPath,
    registerPath: auth === true && registerPath === "" ? "/auth/register" : registerPath,
    auth: found,
    operations,
    resources: resourcesOf(operations.filter(({ path }) => !isAuthPath(path))),
    apiPath: apiPathOf(root),
  };
}

/** The analysis under the names that clients know. */
export function analysisMap(analysis: UiAnalysis): Record<string, unknown> {
  const { title, version, theme, hasAuth, loginPath, registerPath, auth, operations, resources } = analysis;
  return {
    Title: title,
    Version: version,
    Theme: theme,
    HasAuth: hasAuth,
    LoginPath: loginPath,
    RegisterPath: registerPath,
    LoginOp: operationMap(auth.login),
    RegisterOp: operationMap(auth.register),
    Operations: operations.map(operationMap),
    Resources: resources.map(resourceMap),
  };
}

function operationMap(operation: ApiOperation | undefined): Record<string, unknown> | null {
  if (operation === undefined) return null;
  const { funcName, method, path, hasBody, pathParams } = operation;
  return { FuncName: funcName, Method: method, Path: path, HasBody: hasBody, PathParams: [...pathParams] };
}

function resourceMap(resource: UiResource): Record<string, unknown> {
  return {
    Name: resource.name,
    NameLower: resource.nameLower,
    NamePlural: resource.namePlural,
    ListOp: operationMap(resource.listOp),
    DetailOp: operationMap(resource.detailOp),
    CreateOp: operationMap(resource.createOp),
    UpdateOp: operationMap(resource.updateOp),
    DeleteOp: operationMap(resource.deleteOp),
    FormFields: resource.formFields.map(fieldMap),
  };
}

function fieldMap({ name, label, type, required, options }: FormField): Record<string, unknown> {
  return { Name: name, Label: label, Type: type, Required: required, Options: [...options] };
}

function textOr(value: unknown, otherwise: string): string {
  return (typeof value === "string" && value.trim() !== "") || typeof value === "number" ? String(value) : otherwise;
}

function apiPathOf(root: Record<string, unknown>): string {
  const servers = ownValue(root, "servers");
  const url: unknown = Array.isArray(servers) ? ownValue(servers[0], "url") : undefined;
  if (typeof url !== "string" || url.includes("{")) return "";
  const parsed = URL.parse(url, "http://localhost/");
  return parsed === null ? "" : parsed.pathname.replace(/\/+$/, "");
}
