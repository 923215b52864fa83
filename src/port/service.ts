import type { Scope } from "../scope/scope.ts";
import type { Cron } from "../time/cron.ts";
import { definePort } from "../schema/field.ts";

/** Runs something with parameters and gives a result, such as a dynamic component. */
export interface Executor {
  execute(parameters: Record<string, unknown>, signal: AbortSignal): Promise<Record<string, unknown>>;
}
export const Executor = definePort<Executor>("executor", "a component that can be executed");

/** Runs jobs at the ticks of its own cron expression. */
export interface Scheduler {
  readonly cron: Cron;
  add(job: { readonly name: string; readonly run: () => Promise<void> }): void;
}
export const Scheduler = definePort<Scheduler>("scheduler", "a scheduler");

/** Checks credentials. */
export interface AuthProvider {
  /** The claims of a valid credential, or undefined when it is none. `scheme` is the word before it, lower-case. */
  authenticate(credential: string, scheme: string): Promise<Record<string, unknown> | undefined>;
}
export const AuthProvider = definePort<AuthProvider>("auth_provider", "an authentication provider");

/** Named and inline transform operations. */
export interface Transformer {
  run(operations: readonly TransformOperation[], input: unknown): unknown;
  pipeline(name: string): readonly TransformOperation[] | undefined;
}
/** One step of a transformation. */
export interface TransformOperation {
  readonly type: string;
  readonly config: Readonly<Record<string, unknown>>;
}
export const Transformer = definePort<Transformer>("transformer", "a data transformer");

/** Keeps texts under keys for a while. */
export interface Cache {
  get(key: string, signal: AbortSignal): Promise<string | undefined>;
  /** `ttlMs` of zero or undefined means the module's default. */
  set(key: string, value: string, ttlMs: number | undefined, signal: AbortSignal): Promise<void>;
  delete(key: string, signal: AbortSignal): Promise<void>;
}
export const Cache = definePort<Cache>("cache", "a cache");

/** A value that can be bound to a placeholder. */
export type SqlValue = string | number | bigint | boolean | null | Uint8Array | Date;

/** A database of the user. SQL runs as written, with `$n` or `?` placeholders. */
export interface Database {
  readonly driver: "sqlite" | "postgres";
  query(sql: string, parameters: readonly SqlValue[], signal: AbortSignal): Promise<readonly Record<string, unknown>[]>;
  execute(
    sql: string,
    parameters: readonly SqlValue[],
    signal: AbortSignal,
  ): Promise<{ readonly affectedRows: number; readonly lastId: string }>;
}
export const Database = definePort<Database>("database", "a database");

/** What a flag is for one user, and why. */
export interface FlagResult {
  readonly key: string;
  readonly value: unknown;
  readonly type: string;
  readonly source: string;
  readonly reason: string;
}

/** Evaluates feature flags. */
export interface FlagService {
  /** Throws `module.not_found` for an unknown flag. */
  evaluate(key: string, user: string, attributes: Readonly<Record<string, string>>): Promise<FlagResult>;
}
export const FlagService = definePort<FlagService>("feature_flags", "a feature flag service");

/** Checks values against JSON Schemas. */
export interface SchemaValidator {
  /** Throws `config.value` when the schema itself is wrong. */
  compile(schema: unknown): (value: unknown) => readonly string[];
}
export const SchemaValidator = definePort<SchemaValidator>("schema_validator", "a JSON Schema validator");

/** A connection to another system. */
export interface Connector {
  execute(action: string, input: Record<string, unknown>, signal: AbortSignal): Promise<Record<string, unknown>>;
  start?(scope: Scope): Promise<void>;
}

/** Holds the connectors of integration workflows by name. */
export interface ConnectorRegistry {
  register(name: string, connector: Connector): void;
  find(name: string): Connector | undefined;
}
export const ConnectorRegistry = definePort<ConnectorRegistry>("connector_registry", "a connector registry");
