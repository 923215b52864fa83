import { isPlainMap } from "../../json/map.ts";
import { compileBodyPath } from "../../template/expression.ts";
import { compileTemplate, type TemplateScope } from "../../template/template.ts";
import { compileTemplateValue } from "../../template/template_map.ts";

export type ComputeBody = (scope: TemplateScope) => unknown;

/**
 * Compiles the `body` of a response. In a map, strings are templates at every depth, and `{_from: path}` below the top
 * stands for the typed value at that path; a list or scalar is sent as written.
 */
export function compileBody(written: unknown): ComputeBody {
  if (!isPlainMap(written)) return () => written;
  return compileMap(written);
}

function compilePart(value: unknown): ComputeBody {
  if (Array.isArray(value)) {
    const items = value.map(compilePart);
    return (scope) => items.map((item) => item(scope));
  }
  if (isPlainMap(value)) {
    const from = value._from;
    if (typeof from === "string" && Object.keys(value).length === 1) {
      const path = compileBodyPath(from);
      return (scope) => path.get(scope) ?? null;
    }
    return compileMap(value);
  }
  if (typeof value === "string") {
    const template = compileTemplate(value);
    return template.isConstant ? () => value : (scope) => template.render(scope);
  }
  return () => value;
}

function compileMap(map: Readonly<Record<string, unknown>>): ComputeBody {
  // Keys are put in the order in which they are sent, so that encoding has nothing to sort.
  const keys = Object.keys(map)
    .filter((key) => key !== "__proto__")
    .sort();
  const parts = keys.map((key) => ({ key, compute: compilePart(map[key]) }));
  return (scope) => {
    const result: Record<string, unknown> = {};
    for (const { key, compute } of parts) result[key] = compute(scope);
    return result;
  };
}

/** Headers whose values are templates. */
export function compileHeaders(
  written: Readonly<Record<string, string>>,
): (scope: TemplateScope) => Record<string, string> {
  const value = compileTemplateValue(written);
  return (scope) => value.resolve(scope) as Record<string, string>;
}
