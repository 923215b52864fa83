import { prefixed, WorkflowError } from "../error/error.ts";
import type { FieldReference } from "./references.ts";
import { compileTemplate, type Template, type TemplateOptions } from "./template.ts";
import type { TemplateScope } from "./template_scope.ts";
import { isMap } from "./value.ts";

/** A reference made by one of the templates inside a value. */
export interface ValueReference extends FieldReference {
  /** Keys and positions that lead to the template. */
  readonly at: readonly (string | number)[];
}

/** A value such as YAML holds, in which every text is a template. Keys are never templates. */
export interface TemplateValue {
  /** The keys of the value when it is a map, in their order; none otherwise. They are known without a run. */
  readonly keys: readonly string[];
  readonly references: readonly ValueReference[];
  /** The syntax errors, each with the keys before its message and as `details.at`. */
  readonly problems: readonly WorkflowError[];
  /** Builds the value anew, so that no run can change what another one sees. Throws the first error. */
  resolve(scope: TemplateScope): unknown;
}

/** Compiles a value; text becomes rendered text, other scalars stay as they are, maps and lists are followed. */
export function compileTemplateValue(value: unknown, options: TemplateOptions = {}): TemplateValue {
  const collected: Collected = { references: [], problems: [], options };
  const resolve = compileNode(value, [], collected);
  const keys = isMap(value) ? Object.keys(value) : [];
  return { keys, references: collected.references, problems: collected.problems, resolve };
}

interface Collected {
  readonly references: ValueReference[];
  readonly problems: WorkflowError[];
  readonly options: TemplateOptions;
}

type Resolve = (scope: TemplateScope) => unknown;

function compileNode(value: unknown, at: readonly (string | number)[], collected: Collected): Resolve {
  if (typeof value === "string") return compileText(compileTemplate(value, collected.options), at, collected);
  if (Array.isArray(value)) {
    const items = value.map((item, index) => compileNode(item, [...at, index], collected));
    return (scope) => items.map((item) => item(scope));
  }
  if (!isMap(value)) return () => value;
  const fields = Object.keys(value).map((key) => ({ key, resolve: compileNode(value[key], [...at, key], collected) }));
  return (scope) => {
    const map: Record<string, unknown> = {};
    let key = "";
    try {
      for (const field of fields) {
        key = field.key;
        setOwn(map, key, field.resolve(scope));
      }
    } catch (thrown) {
      throw prefixed(`field ${JSON.stringify(key)}: `, thrown, "step.template");
    }
    return map;
  };
}

function compileText(template: Template, at: readonly (string | number)[], collected: Collected): Resolve {
  for (const reference of template.references) collected.references.push({ ...reference, at });
  if (template.problem !== undefined) collected.problems.push(atKeys(template.problem, at));
  return (scope) => template.render(scope);
}

function atKeys(problem: WorkflowError, at: readonly (string | number)[]): WorkflowError {
  const keys = at.filter((key) => typeof key === "string");
  const prefix = keys.map((key) => `field ${JSON.stringify(key)}: `).join("");
  const details = { ...problem.details, at };
  return new WorkflowError(problem.code, prefix + problem.message, { hint: problem.hint, details });
}

/** An assignment to `__proto__` would change the map's prototype. */
function setOwn(map: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== "__proto__") map[key] = value;
  else Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true });
}
