import { prefixed } from "../../error/error.ts";
import { encodeJson } from "../../json/encode.ts";
import { compareUtf8 } from "../../json/key_order.ts";
import { isPlainMap } from "../../json/map.ts";
import { compileBodyPath } from "../../template/expression.ts";
import { compileTemplate, type TemplateOptions } from "../../template/template.ts";
import type { TemplateScope } from "../../template/template_scope.ts";

/** The body of a JSON response, compiled. */
export interface ResponseBody {
  /** The body as a value, for runs without a request to answer. */
  value(scope: TemplateScope): unknown;
  /** The body as one line of JSON. */
  text(scope: TemplateScope): string;
}

/**
 * Compiles the `body` of a response. In a map, strings are templates at every depth, and `{_from: path}` below the top
 * stands for the typed value at that path; a list or scalar is sent as written. Everything that does not depend on the
 * run is encoded here, once.
 */
export function compileBody(written: unknown, options: TemplateOptions = {}): ResponseBody {
  if (!isPlainMap(written)) {
    const line = `${encodeJson(written)}\n`;
    return { value: () => written, text: () => line };
  }
  const { value, pieces } = compileMap(written, "", options);
  return { value, text: joined([...pieces, "\n"]) };
}

type Compute = (scope: TemplateScope) => unknown;
type WriteJson = (scope: TemplateScope) => string;

/** A part of a body: how to compute it, and its JSON text in pieces, of which some are known already. */
interface Part {
  readonly value: Compute;
  readonly pieces: readonly (string | WriteJson)[];
}

function compilePart(value: unknown, where: string, options: TemplateOptions): Part {
  if (Array.isArray(value)) return compileList(value, where, options);
  if (isPlainMap(value)) {
    const from = value._from;
    if (typeof from === "string" && Object.keys(value).length === 1) {
      const path = compileBodyPath(from);
      return dynamic((scope) => path.get(scope) ?? null);
    }
    return compileMap(value, where, options);
  }
  if (typeof value !== "string") return { value: () => value, pieces: [encodeJson(value)] };
  const template = compileTemplate(value, options);
  if (template.isConstant) return { value: () => value, pieces: [encodeJson(value)] };
  return dynamic((scope) => {
    try {
      return template.render(scope);
    } catch (error) {
      throw prefixed(where, error, "step.template");
    }
  });
}

function dynamic(value: Compute): Part {
  return { value, pieces: [(scope) => encodeJson(value(scope))] };
}

function compileList(list: readonly unknown[], where: string, options: TemplateOptions): Part {
  const items = list.map((item) => compilePart(item, where, options));
  return {
    value: (scope) => items.map((item) => item.value(scope)),
    pieces: ["[", ...items.flatMap(({ pieces }, index) => (index === 0 ? pieces : [",", ...pieces])), "]"],
  };
}

function compileMap(map: Readonly<Record<string, unknown>>, where: string, options: TemplateOptions): Part {
  const keys = Object.keys(map)
    .filter((key) => key !== "__proto__")
    .sort(compareUtf8);
  const parts = keys.map((key) => {
    const name = JSON.stringify(key);
    return { key, head: `${encodeJson(key)}:`, ...compilePart(map[key], `${where}field ${name}: `, options) };
  });
  return {
    value(scope) {
      const result: Record<string, unknown> = {};
      for (const { key, value } of parts) result[key] = value(scope);
      return result;
    },
    pieces: ["{", ...parts.flatMap(({ head, pieces }, at) => [at === 0 ? head : `,${head}`, ...pieces]), "}"],
  };
}

/**
 * Joins what is known beforehand, so that a run only adds its own values. `join` gives texts in one piece: sums stay
 * chains of their parts inside every text they become a part of, which doubled the time of writing a body.
 */
function joined(pieces: readonly (string | WriteJson)[]): WriteJson {
  let known: string[] = [];
  const steps: { readonly before: string; readonly write: WriteJson }[] = [];
  for (const piece of pieces) {
    if (typeof piece === "string") {
      known.push(piece);
    } else {
      steps.push({ before: known.join(""), write: piece });
      known = [];
    }
  }
  const end = known.join("");
  return (scope) => {
    let text = "";
    for (const { before, write } of steps) text += before + write(scope);
    return text + end;
  };
}
