import { WorkflowError } from "../../error/error.ts";
import { formatRfc3339 } from "../../time/rfc3339.ts";

/** One member of a collection. Times are epoch milliseconds. */
export interface Resource {
  readonly id: string;
  data: Record<string, unknown>;
  /** Undefined when it never had one, or lost it by being replaced. */
  state: string | undefined;
  lastUpdate: number | undefined;
}

/** The resources of one handler in the order they were first stored, up to a limit. */
export class ResourceCollection {
  readonly #resources = new Map<string, Resource>();
  readonly #countMax: number;

  constructor(countMax: number) {
    this.#countMax = countMax;
  }

  get size(): number {
    return this.#resources.size;
  }

  get(id: string): Resource | undefined {
    return this.#resources.get(id);
  }

  /** Stores a resource, in place of one with the same id. Throws `http.storage_full` when there is no room. */
  put(resource: Resource): void {
    if (!this.#resources.has(resource.id) && this.#resources.size >= this.#countMax) {
      throw new WorkflowError("http.storage_full", `the collection holds its limit of ${this.#countMax} resources`);
    }
    this.#resources.set(resource.id, resource);
  }

  /** True when there was one. */
  delete(id: string): boolean {
    return this.#resources.delete(id);
  }

  list(): readonly Resource[] {
    return [...this.#resources.values()];
  }
}

/** A resource as clients see it. */
export function resourceJson({ id, data, state, lastUpdate }: Resource): Record<string, unknown> {
  return {
    data,
    id,
    ...(lastUpdate === undefined ? {} : { lastUpdate: formatRfc3339(lastUpdate) }),
    ...(state === undefined || state === "" ? {} : { state }),
  };
}
