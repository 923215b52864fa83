import type { Reference } from "../config/expand.ts";
import type { AnySecretProviderDefinition, SecretProvider } from "../define/definition.ts";
import { messageOf, WorkflowError } from "../error/error.ts";

/** What the references of a configuration stand for. */
export interface ResolvedReferences {
  /** Values by the text between the braces. */
  readonly values: ReadonlyMap<string, string>;
  readonly warnings: readonly WorkflowError[];
}

/** Finds the values of `${…}` references through the provider of each scheme. */
export class SecretResolver {
  readonly #providers = new Map<string, SecretProvider>();

  constructor(
    definitions: readonly AnySecretProviderDefinition[],
    environment: Readonly<Record<string, string | undefined>>,
  ) {
    for (const definition of definitions) {
      const provider = definition.open(environment);
      if (provider !== undefined) this.#providers.set(definition.scheme, provider);
    }
  }

  /** Registers a provider of an embedding program. */
  register(scheme: string, provider: SecretProvider): void {
    this.#providers.set(scheme, provider);
  }

  /** Asks for each different reference once, all at the same time. What cannot be resolved is a warning. */
  async resolve(references: readonly Reference[], signal: AbortSignal): Promise<ResolvedReferences> {
    const wanted = new Map<string, Reference>();
    for (const reference of references) if (!wanted.has(reference.text)) wanted.set(reference.text, reference);
    const distinct = [...wanted.values()];
    const found = await Promise.all(distinct.map((reference) => this.#fetch(reference, signal)));
    const values = new Map<string, string>();
    const warnings: WorkflowError[] = [];
    for (const [index, { text, at }] of distinct.entries()) {
      const outcome = found[index];
      if (typeof outcome === "string") values.set(text, outcome);
      else if (outcome !== undefined)
        warnings.push(new WorkflowError("config.unresolved", outcome.reason, { at: [at], hint: outcome.hint }));
    }
    return { values, warnings };
  }

  async #fetch(
    reference: Reference,
    signal: AbortSignal,
  ): Promise<string | { readonly reason: string; readonly hint: string }> {
    const { scheme, key, text } = reference;
    const kept = `\${${text}} stays as it is: `;
    const provider = this.#providers.get(scheme);
    if (provider === undefined) {
      const hint = `configured here: ${[...this.#providers.keys()].join(", ")}`;
      return { reason: `${kept}no provider for "${scheme}" is configured`, hint };
    }
    try {
      const value = await provider.fetch(key, signal);
      return (
        value ?? {
          reason: `${kept}not found`,
          hint: scheme === "env" ? `set the environment variable ${key}` : `check the name`,
        }
      );
    } catch (error) {
      return { reason: `${kept}${messageOf(error)}`, hint: "the provider could not be asked" };
    }
  }
}
