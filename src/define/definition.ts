import type { Static, TObject, TSchema } from "typebox";
import type { Position } from "../error/error.ts";
import type { Logger } from "../log/logger.ts";
import type { RunStep, StepTarget } from "../port/frame.ts";
import type { ServedAddress } from "../port/http.ts";
import type { HealthStatus, RuntimeServices, TargetRunOptions, WorkflowTarget } from "../port/runtime.ts";
import type { Port } from "../schema/field.ts";
import type { Scope } from "../scope/scope.ts";

/** Group of a component in the palette and the reference. */
export type Category =
  | "http"
  | "middleware"
  | "auth"
  | "api"
  | "messaging"
  | "statemachine"
  | "storage"
  | "cache"
  | "scheduler"
  | "observability"
  | "openapi"
  | "pipeline"
  | "flag"
  | "config"
  | "eventstore"
  | "dynamic"
  | "secret"
  | "policy"
  | "platform"
  | "cicd"
  | "cloud"
  | "gitlab"
  | "ai"
  | "integration";

/** What a module is given when it is created. */
export interface ModuleContext {
  readonly name: string;
  readonly type: string;
  readonly at: Position;
  readonly log: Logger;
  readonly runtime: RuntimeServices;
}

/** A created module. Creating opens nothing; `start` acquires, in a scope that gives everything back. */
export interface ModuleInstance {
  /** What other components get when they refer to the module. */
  readonly service?: object;
  /** Further services by full name, such as `orders.producer`. */
  readonly services?: Readonly<Record<string, object>>;
  start?(scope: Scope): void | Promise<void>;
  /** Called after everything has started, when the generation begins to accept work. Synchronous and without I/O. */
  open?(): void;
  /** Called first when the generation ends: take no new work, let work in flight finish. */
  drain?(signal: AbortSignal): Promise<void>;
  health?(): HealthStatus | Promise<HealthStatus>;
}

/** Everything the program knows of a module type; the reference, the forms and the checks are computed from it. */
export interface ModuleDefinition<C extends TObject> {
  /** The name in YAML. */
  readonly type: string;
  /** Other names for the type. */
  readonly aliases?: readonly string[];
  /** One sentence for the reference. */
  readonly summary: string;
  readonly category: Category;
  readonly config: C;
  /** A top-level key of the file whose settings also apply; the module's own `config` wins. */
  readonly section?: string;
  /** The roles its service plays. */
  readonly provides?: readonly Port<unknown>[];
  /** A fixed name under which the first module of the type is also found. */
  readonly serviceName?: string;
  /** Further service names, known before the module is created. */
  serviceNames?(name: string, config: Static<C>): readonly string[];
  /** With `instance`, an unchanged module moves to the next generation with its state. */
  readonly carry?: "instance";
  /**
   * Values that stand for `{{config "key"}}` in the rest of the configuration. Called before anything else is decoded.
   * Throws what keeps the configuration from being used.
   */
  substitute?(
    name: string,
    config: Static<C>,
    environment: Readonly<Record<string, string | undefined>>,
  ): ReadonlyMap<string, SubstituteValue>;
  create(context: ModuleContext, config: Static<C>): ModuleInstance;
}

/** A value that a module puts into the rest of the configuration. */
export interface SubstituteValue {
  readonly text: string;
  /** Messages and answers show the reference instead of the text. */
  readonly isSensitive: boolean;
}

/** What a step is given when it is built. */
export interface StepContext {
  readonly name: string;
  readonly type: string;
  readonly at: Position;
  readonly pipeline: string;
  readonly log: Logger;
  readonly runtime: RuntimeServices;
  /** A step of the same pipeline, to route to. */
  target(name: string): StepTarget;
  /** Builds steps that stand inside this one. */
  build(step: PlannedStep): RunStep;
}

/** A step as the plan holds it: decoded and not yet built. */
export interface PlannedStep {
  readonly name: string;
  readonly type: string;
  readonly at: Position;
  readonly definition: AnyStepDefinition;
  readonly config: unknown;
  readonly strategy: ErrorStrategy | undefined;
  readonly timeoutMs: number | undefined;
}

/** What a failing step does to its run. */
export type ErrorStrategy = "stop" | "skip" | "compensate";

/** What a step does to the world, which decides what must be committed before and after it. */
export type StepEffect = "pure" | "read" | "write";

/** Everything the program knows of a step type. */
export interface StepDefinition<C extends TObject> {
  readonly type: string;
  readonly aliases?: readonly string[];
  readonly summary: string;
  readonly category: Category;
  /** A function when it depends on the settings; `nested` when it is that of the steps inside. */
  readonly effect: StepEffect | "nested" | ((config: Static<C>) => StepEffect);
  readonly config: C;
  /** The keys of the output; a function when they depend on the settings. `additionalProperties`: more may come. */
  readonly output: TObject | ((config: Static<C>, name: string) => TObject);
  /** True for steps that always end the run, such as responses. */
  readonly endsRun?: true;
  /** True for steps that park their run; they make a pipeline durable and cannot stand inside other steps. */
  readonly waits?: true;
  /** The pipelines it calls; one that is not defined is a warning. */
  calls?(config: Static<C>): readonly string[];
  /** The steps it may route to, for checks and drawings. */
  routesTo?(config: Static<C>): readonly string[];
  build(context: StepContext, config: Static<C>): RunStep;
}

/** What a trigger, or one of its entries, is given when it is built. */
export interface TriggerContext {
  readonly type: string;
  /** The pipeline whose inline trigger this is. */
  readonly pipeline: string | undefined;
  readonly at: Position;
  /** Path in the configuration, such as `triggers.http.routes[0]`. */
  readonly path: string;
  readonly log: Logger;
  readonly runtime: RuntimeServices;
}

/** A built trigger, or one entry of it. */
export interface TriggerInstance {
  start?(scope: Scope): void | Promise<void>;
  open?(): void;
  drain?(signal: AbortSignal): Promise<void>;
}

/**
 * A trigger. In `triggers:` it holds a list of entries under `listKey`, each with `workflow`, `action` and `params`
 * beside its own keys; a pipeline's inline trigger is one entry without them.
 */
export interface TriggerDefinition<C extends TObject> {
  readonly type: string;
  readonly summary: string;
  /** Key of the list of entries; without one, the whole section is one entry. */
  readonly listKey?: string;
  readonly entry: C;
  build(context: TriggerContext, entry: Static<C>, work: TriggerWork): TriggerInstance;
}

/** What an entry starts. */
export interface TriggerWork {
  readonly target: WorkflowTarget;
  /** Laid over the data of every run. */
  readonly params: Readonly<Record<string, unknown>>;
}

/** What a section of `workflows:` is given when it is built. */
export interface WorkflowContext {
  /** The section's key: `http`, `http-admin`, `messaging`, … */
  readonly key: string;
  readonly at: Position;
  readonly log: Logger;
  readonly runtime: RuntimeServices;
}

/** A configured section of `workflows:`. */
export interface WorkflowInstance {
  /** Addresses that the section answers at; the engine binds them. */
  readonly servers?: readonly ServedAddress[];
  /** Names beside the section's key that triggers may use, such as state machine definitions. */
  readonly names?: readonly string[];
  /**
   * Runs the section for a trigger. `data` may come from a client; what decides about targets (connectors, brokers,
   * statements) is taken from `params` alone, which only the configuration writes.
   */
  execute?(
    action: string,
    data: Record<string, unknown>,
    options: TargetRunOptions & { readonly workflow: string; readonly params: Readonly<Record<string, unknown>> },
  ): Promise<Record<string, unknown>>;
  start?(scope: Scope): void | Promise<void>;
  open?(): void;
  drain?(signal: AbortSignal): Promise<void>;
}

/** Everything the program knows of a kind of section in `workflows:`. */
export interface WorkflowDefinition<C extends TObject> {
  /** The section's key. */
  readonly key: string;
  /** Keys that begin with this are also sections of this kind: `http-`. */
  readonly keyPrefix?: string;
  readonly summary: string;
  readonly config: C;
  build(context: WorkflowContext, config: Static<C>): WorkflowInstance;
}

/** A source of `${scheme:key}` values. */
export interface SecretProviderDefinition {
  readonly scheme: string;
  readonly summary: string;
  /** Made from the environment; undefined when the environment does not configure it. */
  open(environment: Readonly<Record<string, string | undefined>>): SecretProvider | undefined;
}

/** Gives the values of one scheme. */
export interface SecretProvider {
  /** The value, or undefined when there is none. Throws `secret.unavailable` when the source cannot be asked. */
  fetch(key: string, signal: AbortSignal): Promise<string | undefined>;
}

/** A family of components, named as in `requires.plugins`. */
export interface PluginDefinition {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly version: string;
  readonly summary: string;
  readonly capabilities: readonly string[];
}

/** Definitions with their configuration type erased, as the registry holds them. */
export type AnyModuleDefinition = ModuleDefinition<TObject> & { readonly kind: "module" };
/** A step type as the registry holds it. */
export type AnyStepDefinition = StepDefinition<TObject> & { readonly kind: "step" };
/** A trigger type as the registry holds it. */
export type AnyTriggerDefinition = TriggerDefinition<TObject> & { readonly kind: "trigger" };
/** A kind of section as the registry holds it. */
export type AnyWorkflowDefinition = WorkflowDefinition<TObject> & { readonly kind: "workflow" };
/** A secret provider as the registry holds it. */
export type AnySecretProviderDefinition = SecretProviderDefinition & { readonly kind: "secret" };
/** A family as the registry holds it. */
export type AnyPluginDefinition = PluginDefinition & { readonly kind: "plugin" };
/** Any component of the program. */
export type Definition =
  | AnyModuleDefinition
  | AnyStepDefinition
  | AnyTriggerDefinition
  | AnyWorkflowDefinition
  | AnySecretProviderDefinition
  | AnyPluginDefinition;

/** The schema of a section of configuration. */
export type ConfigSchema = TObject<Record<string, TSchema>>;
