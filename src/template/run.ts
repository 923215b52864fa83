import { executionError, type Site } from "./failure.ts";
import { functionCharactersMax, iterationsMax, outputCharactersMax } from "./limit.ts";
import type { TemplateScope } from "./template_scope.ts";

/** One rendering: what has been written, what `.`, `$` and the variables are, and how much has been spent. */
export class TemplateRun {
  readonly scope: TemplateScope;
  output = "";
  /** The value of `.` where it is not the root. */
  dot: unknown = undefined;
  /** The value of `$` inside a `define` block. */
  dollar: unknown = undefined;
  slots: unknown[];
  /** How many `template` calls are open. */
  depth = 0;
  #turns = 0;
  #functionCharacters = 0;
  #root: Readonly<Record<string, unknown>> | undefined;

  constructor(scope: TemplateScope, slots: number) {
    this.scope = scope;
    this.slots = slots === 0 ? noSlots : new Array<unknown>(slots);
  }

  /** The root as one map. Made only when a template uses it whole, as in `json .`. */
  get root(): Readonly<Record<string, unknown>> {
    this.#root ??= rootOf(this.scope);
    return this.#root;
  }

  write(text: string, site: Site): void {
    this.output += text;
    if (this.output.length > outputCharactersMax) {
      throw executionError(site, `output is longer than ${outputCharactersMax} characters`);
    }
  }

  /** Counts one turn of a loop or one call of a template. */
  countTurn(site: Site): void {
    if (++this.#turns > iterationsMax) throw executionError(site, `more than ${iterationsMax} iterations`);
  }

  /** Counts the text a function made, which need not reach the output. */
  countText(text: string, site: Site): void {
    this.#functionCharacters += text.length;
    if (text.length > outputCharactersMax || this.#functionCharacters > functionCharactersMax) {
      throw executionError(
        site,
        `functions made more than ${outputCharactersMax} characters of text at once ` +
          `or ${functionCharactersMax} in all`,
      );
    }
  }
}

const noSlots: unknown[] = [];

/** The top level as one map without a prototype; `steps`, `trigger` and `meta` hide current values of those names. */
function rootOf(scope: TemplateScope): Readonly<Record<string, unknown>> {
  const root: Record<string, unknown> = Object.create(null);
  for (const key of Object.keys(scope.current)) root[key] = scope.current[key];
  root["steps"] = scope.steps;
  root["trigger"] = scope.trigger;
  root["meta"] = scope.meta;
  return root;
}

/** Reads one top-level name. Chosen when a template is compiled, so that nothing is looked up by name that is known. */
export function rootReader(name: string): (scope: TemplateScope) => unknown {
  switch (name) {
    case "steps":
      return (scope) => scope.steps;
    case "trigger":
      return (scope) => scope.trigger;
    case "meta":
      return (scope) => scope.meta;
    default:
      return ({ current }) => (Object.hasOwn(current, name) ? current[name] : undefined);
  }
}
