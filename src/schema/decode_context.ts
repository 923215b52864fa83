import type { Position, WorkflowError } from "../error/error.ts";
import type { FieldReference } from "../template/references.ts";
import type { TemplateOptions } from "../template/template.ts";
import type { RefFallback } from "./field.ts";
import type { Node, ScalarNode } from "./node.ts";

/** A reference found while decoding. `bind` puts the service where the decoded value expects it. */
export interface RefRequest {
  /** The name as written, or undefined when the service is to be found by its role. */
  readonly name: string | undefined;
  /** The role, or undefined when any service will do. */
  readonly port: string | undefined;
  readonly portTitle: string | undefined;
  readonly mode: "required" | "optional" | "late" | "all";
  readonly fallback: RefFallback | undefined;
  readonly at: Position;
  /** Path in the configuration, such as `modules[2].config.cache`. */
  readonly path: string;
  bind(service: unknown): void;
}

/** Words the problems of one component the way its users know them. */
export interface Subject {
  /** A required key is absent. `snake` is its snake_case form when that is present instead. */
  missing(
    key: string,
    path: string,
    found: { readonly hasConfig: boolean; readonly snake: string | undefined },
  ): string;
  /** A value cannot be used. */
  invalid(key: string, path: string, reason: string): string;
}

/** A template or path found while decoding, for checks of what it refers to. */
export interface FoundTemplate {
  readonly references: readonly FieldReference[];
  readonly node: ScalarNode;
  readonly path: string;
}

/** What decoding needs from its surroundings, and where it reports to. */
export interface DecodeContext {
  readonly subject: Subject;
  readonly configDir: string;
  readonly workDir: string;
  readonly templates: TemplateOptions;
  problem(problem: WorkflowError): void;
  warn(problem: WorkflowError): void;
  request(request: RefRequest): void;
  template(found: FoundTemplate): void;
  /** Reads a file of the configuration; throws when it cannot be read. */
  readFile(path: string): string;
  /** Decodes the steps inside a step. */
  steps(node: Node, form: "one" | "list", path: string): unknown;
}

/** Says that a value cannot be used. The reason completes the sentence "<key> …". */
export class Invalid {
  readonly reason: string;
  constructor(reason: string) {
    this.reason = reason;
  }
}

/** The place of a value: its path, its last key, and how to put the decoded value there later. */
export interface Slot {
  readonly path: string;
  readonly key: string;
  readonly at: Position;
  set(value: unknown): void;
}
