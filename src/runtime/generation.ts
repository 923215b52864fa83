import type { ModuleInstance, TriggerInstance, WorkflowInstance } from "../define/definition.ts";
import { messageOf, placed, type Position, prefixed, WorkflowError } from "../error/error.ts";
import { HttpServer, type ServedAddress } from "../port/http.ts";
import { type PipelineDirectory, RoutePipelineHost } from "../port/pipeline.ts";
import type { HealthBoard, HealthStatus, RuntimeServices } from "../port/runtime.ts";
import type { BoundRef, Plan } from "../plan/plan.ts";
import type { PlannedModule } from "../plan/module.ts";
import type { PlannedPipeline } from "../plan/pipeline.ts";
import type { Journal } from "../service/journal/journal.ts";
import type { Port } from "../schema/field.ts";
import { Deadline } from "../scope/deadline.ts";
import { Scope } from "../scope/scope.ts";
import { WorkflowDispatcher } from "./dispatch.ts";
import { BuiltPipeline, type PipelineServices } from "./executor.ts";

/** What the process gives every generation. */
export type ProcessServices = Omit<RuntimeServices, "health" | "dispatcher" | "pipelines" | "configDir"> & {
  /** Without one, nothing is recorded and nothing is durable. */
  readonly journal?: Journal | undefined;
};

/** Where a generation gets module instances: fresh ones, or unchanged ones of the generation before. */
export interface InstanceSource {
  take(module: PlannedModule, runtime: RuntimeServices): TakenInstance;
}

/** A module instance and what its generation does with it. */
export interface TakenInstance {
  readonly instance: ModuleInstance;
  /** Starts the instance unless it runs already; the owner decides in which scope. */
  start(scope: Scope): Promise<void>;
  /** Lets work in flight finish, unless another generation uses the instance too. */
  drain(deadline: AbortSignal): Promise<void>;
}

/** Where a generation is in its life. */
export type GenerationState = "built" | "starting" | "ready" | "open" | "draining" | "stopped" | "failed";

interface LiveModule {
  readonly plan: PlannedModule;
  readonly taken: TakenInstance;
}

interface Part {
  readonly name: string;
  readonly instance: TriggerInstance | WorkflowInstance;
}

/** Time in which triggers and modules finish their work when a generation ends, in milliseconds. */
export const drainMs = 30_000;

/** Time in which everything must have started, in milliseconds. */
export const startTimeoutMs = 60_000;

/** One configuration as running things: modules, workflow sections, pipelines and triggers. */
export class Generation {
  readonly plan: Plan;
  readonly runtime: PipelineServices;
  readonly scope: Scope;
  readonly warnings: WorkflowError[] = [];
  #state: GenerationState = "built";
  readonly #modules: LiveModule[] = [];
  readonly #services = new Map<string, object>();
  readonly #pipelines = new Map<string, BuiltPipeline>();
  readonly #routePipelines: BuiltPipeline[] = [];
  /** Pipelines of earlier configurations whose runs are not finished, by the hash of their definition. */
  readonly #earlier = new Map<string, BuiltPipeline>();
  readonly #parts: Part[] = [];
  readonly #sectionServers: ServedAddress[] = [];
  readonly #dispatcher: WorkflowDispatcher;
  #intake: Promise<readonly PromiseSettledResult<void>[]> | undefined;
  #intakeDeadline: Deadline | undefined;

  /** Builds everything without opening anything. Throws a `WorkflowError` and leaves nothing behind. */
  constructor(plan: Plan, process: ProcessServices, instances: InstanceSource) {
    this.plan = plan;
    this.scope = new Scope("generation", {
      onFailure: ({ task, error }) => process.log.error("Background task failed", { task, error: messageOf(error) }),
    });
    const pipelines: PipelineDirectory = {
      find: (name) => this.#pipelines.get(name),
      names: () => [...this.#pipelines.keys()],
    };
    this.#dispatcher = new WorkflowDispatcher(pipelines);
    const health: HealthBoard = this.#healthBoard();
    this.runtime = { ...process, health, dispatcher: this.#dispatcher, pipelines, configDir: plan.config.configDir };
    this.#dispatcher.connect(this.runtime);
    this.#buildModules(instances);
    this.#buildPipelines();
    this.#buildWorkflows();
    this.#buildRoutePipelines();
    this.#buildTriggers();
    for (const server of this.servers()) server.handle();
  }

  get state(): GenerationState {
    return this.#state;
  }

  get isReady(): boolean {
    return this.#state === "open";
  }

  /** What accepts connections, modules before sections; the engine owns the sockets. */
  servers(): readonly ServedAddress[] {
    return [...this.servicesOf(HttpServer), ...this.#sectionServers];
  }

  /** Services of the modules that declare a role, in file order. */
  servicesOf<T>(port: Port<T>): readonly T[] {
    const names = this.plan.services.providers(port.name).map((module) => module.name);
    // A module's service plays every role that its definition declares.
    return names.flatMap((name) => (this.#services.has(name) ? [this.#services.get(name) as T] : []));
  }

  service(name: string): object | undefined {
    return this.#services.get(name);
  }

  serviceNames(): readonly string[] {
    return [...this.#services.keys()];
  }

  pipelineNames(): readonly string[] {
    return [...this.#pipelines.keys()];
  }

  /** The pipeline that goes on with runs of a definition; undefined when it is none of this configuration's. */
  pipelineOf(name: string, definition: string): BuiltPipeline | undefined {
    const earlier = this.#earlier.get(definition);
    if (earlier !== undefined) return earlier;
    const own = this.pipelineNamed(name);
    return own?.definition.hash === definition ? own : undefined;
  }

  /** A pipeline, or the pipeline of a route, by name. */
  pipelineNamed(name: string): BuiltPipeline | undefined {
    return this.#pipelines.get(name) ?? this.#routePipelines.find((pipeline) => pipeline.name === name);
  }

  /** Builds a pipeline of an earlier configuration against the modules of this one, for its unfinished runs. */
  adopt(planned: PlannedPipeline, definition: string): BuiltPipeline {
    this.#bindAll(planned.refs);
    const pipeline = new BuiltPipeline(planned, this.runtime);
    pipeline.build();
    this.#earlier.set(definition, pipeline);
    return pipeline;
  }

  get moduleCount(): number {
    return this.#modules.length;
  }

  get triggerCount(): number {
    return this.plan.triggers.length;
  }

  #buildModules(instances: InstanceSource): void {
    const late: BoundRef[] = [];
    for (const module of this.plan.modules) {
      for (const ref of module.refs) {
        if (ref.request.mode === "late") late.push(ref);
        else this.#bind(ref);
      }
      const taken = this.#create(module, instances);
      this.#modules.push({ plan: module, taken });
      this.#register(module, taken.instance);
    }
    for (const ref of late) this.#bind(ref);
  }

  #create(module: PlannedModule, instances: InstanceSource): TakenInstance {
    try {
      return instances.take(module, this.runtime);
    } catch (error) {
      throw placed(
        prefixed(`failed to initialize modules: module "${module.name}": `, error, "config.value"),
        module.at,
      );
    }
  }

  #register(module: PlannedModule, instance: ModuleInstance): void {
    if (instance.service !== undefined) {
      this.#services.set(module.name, instance.service);
      const fixed = module.definition.serviceName;
      if (fixed !== undefined && this.plan.services.owner(fixed) === module)
        this.#services.set(fixed, instance.service);
    }
    for (const [name, service] of Object.entries(instance.services ?? {})) {
      if (!this.#services.has(name)) this.#services.set(name, service);
    }
  }

  #bind({ request, service, all }: BoundRef): void {
    if (request.mode === "all") request.bind(all.flatMap((name) => this.#services.get(name) ?? []));
    else request.bind(service === undefined ? undefined : this.#services.get(service));
  }

  #bindAll(refs: readonly BoundRef[]): void {
    for (const ref of refs) this.#bind(ref);
  }

  #buildPipelines(): void {
    for (const planned of this.plan.pipelines) {
      this.#bindAll(planned.refs);
      this.#pipelines.set(planned.name, new BuiltPipeline(planned, this.runtime));
    }
    for (const pipeline of this.#pipelines.values())
      this.#context("failed to configure pipelines: ", () => pipeline.build(), this.plan.config.root);
  }

  #buildWorkflows(): void {
    for (const { key, at, definition, config, refs } of this.plan.workflows) {
      this.#bindAll(refs);
      const log = this.runtime.log.child({ workflow: key });
      const build = () => definition.build({ key, at, log, runtime: this.runtime }, config);
      const instance = this.#context(`failed to configure ${key} workflow: `, build, at);
      this.#parts.push({ name: `workflow ${key}`, instance });
      this.#sectionServers.push(...(instance.servers ?? []));
      this.#dispatcher.addSection({ key, instance });
    }
  }

  #buildRoutePipelines(): void {
    for (const planned of this.plan.routePipelines) {
      this.#bindAll(planned.refs);
      const owner = this.plan.services.owner(planned.handler);
      const isHost = owner?.definition.provides?.some((port) => port.name === RoutePipelineHost.name) === true;
      const host = this.#services.get(planned.handler);
      if (!isHost || host === undefined) {
        const text = `${planned.path}: handler '${planned.handler}' runs no route pipelines; its steps have no effect`;
        const hint = "use a handler of type api.query or api.command, or a pipeline with an http trigger";
        this.warnings.push(new WorkflowError("config.wrong_role", text, { at: [planned.at], hint }));
        continue;
      }
      const pipeline = new BuiltPipeline(planned, this.runtime);
      this.#routePipelines.push(pipeline);
      this.#context("failed to configure route pipelines: ", () => pipeline.build(), planned.at);
      // The definition declares the role, so its service has the method.
      (host as RoutePipelineHost).attachPipeline(planned.key, pipeline);
    }
  }

  #buildTriggers(): void {
    for (const planned of this.plan.triggers) {
      this.#bindAll(planned.refs);
      const { definition, at, path, pipeline, workflow, action, params } = planned;
      const log = this.runtime.log.child({ trigger: path });
      const work = { target: this.#dispatcher.target(workflow, action, { at, params }), params };
      if (workflow !== "" && !this.#dispatcher.knows(workflow)) {
        const text = `${path}.workflow: no workflow, pipeline or state machine is named '${workflow}'`;
        this.warnings.push(new WorkflowError("config.unknown_reference", text, { at: [at] }));
      }
      const context = { type: definition.type, pipeline, at, path, log, runtime: this.runtime };
      const build = () => definition.build(context, planned.config, work);
      const instance = this.#context(`failed to configure trigger '${definition.type}': `, build, at);
      this.#parts.push({ name: `trigger '${path}'`, instance });
    }
  }

  #context<T>(prefix: string, work: () => T, at: Position): T {
    try {
      return work();
    } catch (error) {
      throw placed(prefixed(prefix, error, "config.value"), at);
    }
  }

  /** Acquires everything, dependencies first. On failure closes what had started and throws. */
  async start(): Promise<void> {
    this.#state = "starting";
    try {
      for (const { plan, taken } of this.#modules) {
        await limited(taken.start(this.scope), `module "${plan.name}"`).catch((error: unknown) => {
          throw prefixed(`failed to start application: module "${plan.name}": `, error, "start.failed");
        });
      }
      for (const { name, instance } of this.#parts) {
        await limited(instance.start?.(this.scope), name).catch((error: unknown) => {
          throw prefixed(`failed to start ${name}: `, error, "start.failed");
        });
      }
      this.#state = "ready";
    } catch (error) {
      this.#state = "failed";
      await this.scope.close();
      throw error;
    }
  }

  /** Begins to accept work. Synchronous, so that no request sees half of it. */
  open(): void {
    for (const { taken } of this.#modules) taken.instance.open?.();
    for (const { instance } of this.#parts) instance.open?.();
    this.#state = "open";
  }

  /** Takes no new work from triggers and subscriptions. Synchronous; `close` waits for what is in flight. */
  stopIntake(): void {
    if (this.#intake !== undefined) return;
    this.#state = "draining";
    this.#intakeDeadline = new Deadline(drainMs);
    const { signal } = this.#intakeDeadline;
    this.#intake = Promise.allSettled(this.#parts.map(({ instance }) => instance.drain?.(signal)));
  }

  /** Waits for work in flight until the signal, then ends everything. */
  async close(deadline: AbortSignal): Promise<readonly WorkflowError[]> {
    this.stopIntake();
    const errors: WorkflowError[] = [];
    const pipelines = [...this.#pipelines.values(), ...this.#routePipelines, ...this.#earlier.values()].map(
      (pipeline) => pipeline.drain(deadline),
    );
    const modules = [...pipelines, ...this.#modules.map(({ taken }) => taken.drain(deadline))];
    const results: readonly PromiseSettledResult<void>[] = await Promise.race([
      Promise.all([this.#intake, Promise.allSettled(modules)]).then(([parts, own]) => [...(parts ?? []), ...own]),
      whenAborted(deadline),
    ]);
    for (const result of results) {
      if (result.status === "rejected") errors.push(prefixed("drain failed: ", result.reason));
    }
    errors.push(...(await this.scope.close()));
    this.#intakeDeadline?.[Symbol.dispose]();
    this.#state = "stopped";
    return errors;
  }

  #healthBoard(): HealthBoard {
    const isReady = () => this.isReady;
    return {
      check: (timeoutMs) => this.#check(timeoutMs),
      get isReady() {
        return isReady();
      },
    };
  }

  async #check(timeoutMs: number): Promise<Readonly<Record<string, HealthStatus>>> {
    const checks: Record<string, HealthStatus> = {};
    await Promise.all(
      this.#modules.map(async ({ plan, taken }) => {
        if (taken.instance.health === undefined) return;
        checks[plan.name] = await checkOne(() => taken.instance.health?.(), timeoutMs);
      }),
    );
    return checks;
  }
}

function whenAborted(signal: AbortSignal): Promise<readonly PromiseSettledResult<void>[]> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve([]);
    else signal.addEventListener("abort", () => resolve([]), { once: true });
  });
}

async function checkOne(
  check: () => HealthStatus | Promise<HealthStatus> | undefined,
  timeoutMs: number,
): Promise<HealthStatus> {
  using late = new Deadline(timeoutMs);
  const expired = new Promise<HealthStatus>((resolve) => {
    const onLate = () => resolve({ status: "unhealthy", message: `no answer within ${timeoutMs} ms` });
    late.signal.addEventListener("abort", onLate, { once: true });
  });
  try {
    return await Promise.race([
      Promise.resolve(check()).then((status): HealthStatus => status ?? { status: "healthy" }),
      expired,
    ]);
  } catch (error) {
    return { status: "unhealthy", message: messageOf(error) };
  }
}

async function limited(work: void | Promise<void> | undefined, what: string): Promise<void> {
  if (!(work instanceof Promise)) return;
  using late = new Deadline(startTimeoutMs);
  const expired = new Promise<never>((_, reject) => {
    const error = new WorkflowError("start.timeout", `${what} did not start within ${startTimeoutMs / 1000} s`);
    late.signal.addEventListener("abort", () => reject(error), { once: true });
  });
  await Promise.race([work, expired]);
}
