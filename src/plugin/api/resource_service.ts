import { WorkflowError } from "../../error/error.ts";
import type { Clock } from "../../time/clock.ts";
import type { FieldMapping } from "./field_mapping.ts";
import type { Resource, ResourceCollection } from "./resource.ts";
import type { StateLink } from "./state_link.ts";

/** What the requests of one handler share. */
export interface ResourceService {
  readonly resources: ResourceCollection;
  readonly mapping: FieldMapping;
  readonly link: StateLink;
  readonly clock: Clock;
  readonly uuid: () => string;
  /** Tells the log what a client is not told. */
  readonly onFailure: (message: string, facts: Readonly<Record<string, unknown>>) => void;
  readonly workflowType: string;
  readonly stateFilter: string;
  readonly transitions: ReadonlyMap<string, string>;
  readonly summaryFields: readonly string[];
}

/** The resource, or the answer that there is none. */
export function found({ resources }: ResourceService, id: string): Resource {
  const resource = resources.get(id);
  if (resource === undefined) throw new WorkflowError("module.not_found", "Resource not found");
  return resource;
}
