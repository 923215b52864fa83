import type { ApiOperation } from "../api_operation.ts";
import { camelName, uniqueName } from "../name.ts";
import type { UiAnalysis } from "../ui_analysis.ts";
import { literal } from "./text.ts";

/** How calls are sent and answers read, the same in every project. */
const transport = `export type Row = Record<string, unknown>;

export class ApiError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const tokenKey = "token";

export function hasToken(): boolean {
  return sessionStorage.getItem(tokenKey) !== null;
}

/** Keeps the token until the tab is closed; null signs out. */
export function setToken(token: string | null): void {
  if (token === null) sessionStorage.removeItem(tokenKey);
  else sessionStorage.setItem(tokenKey, token);
  window.dispatchEvent(new Event("token"));
}

/** Calls the API and gives the answer: parsed when it is JSON, else its text. Throws ApiError for a refusal. */
export async function send(method: string, path: string, body?: unknown): Promise<unknown> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const token = sessionStorage.getItem(tokenKey);
  if (token !== null) headers["Authorization"] = "Bearer " + token;
  const content = body === undefined ? null : JSON.stringify(body);
  const response = await fetch(apiBase + path, { method, headers, body: content });
  const answer = parsed(await response.text());
  if (response.ok) return answer;
  if (response.status === 401 && token !== null) setToken(null);
  throw new ApiError(response.status, refusal(answer) ?? response.status + " " + response.statusText);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text === "" ? null : text;
  }
}

function refusal(answer: unknown): string | undefined {
  if (typeof answer === "string" && answer.length < 200) return answer;
  if (!isRow(answer)) return undefined;
  const message = answer["error"] ?? answer["message"] ?? answer["detail"] ?? answer["title"];
  return typeof message === "string" ? message : undefined;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function isRow(value: unknown): value is Row {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The rows of a list: the answer itself, or the first list in it. */
export function rowsOf(answer: unknown): Row[] {
  const list = Array.isArray(answer) ? answer : isRow(answer) ? Object.values(answer).find(Array.isArray) : undefined;
  return (list ?? []).map((value: unknown) => (isRow(value) ? value : { value }));
}

/** A value as text. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
`;

// Words that cannot name a parameter, or that the function already uses.
const reserved =
  "body send arguments await break case catch class const continue debugger default delete do else enum eval export " +
  "extends false finally for function if implements import in instanceof interface let new null package private " +
  "protected public return static super switch this throw true try typeof var void while with yield string " +
  "encodeURIComponent undefined";

/** The `src/api.ts` of a project: one function for each operation. */
export function apiSource({ operations, apiPath }: UiAnalysis): string {
  return `// Where the API is: set VITE_API_BASE when it is on another server.
const apiBase: string = import.meta.env["VITE_API_BASE"] ?? ${literal(apiPath)};

${transport}
export const operations = {
${operations.map(operationSource).join("\n")}
};
`;
}

function operationSource({ funcName, method, path, pathParams, hasBody }: ApiOperation): string {
  const taken = new Set(reserved.toLowerCase().split(" "));
  const names = pathParams.map((name) => uniqueName(camelName(name, "parameter"), taken));
  const parameters = [...names.map((name) => `${name}: string`), ...(hasBody ? ["body: unknown"] : [])];
  const given = [literal(method), pathSource(path, names), ...(hasBody ? ["body"] : [])];
  return `  ${literal(funcName)}: (${parameters.join(", ")}): Promise<unknown> => send(${given.join(", ")}),`;
}

/** An expression that puts the parameters into the path. */
function pathSource(path: string, names: readonly string[]): string {
  const texts = path.split(/\{[^{}]+\}/);
  const parts = texts.flatMap((text, index) => {
    const name = names[index];
    const known = text === "" ? [] : [literal(text)];
    return name === undefined ? known : [...known, `encodeURIComponent(${name})`];
  });
  return parts.join(" + ");
}
