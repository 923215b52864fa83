import { messageOf, trailed, WorkflowError } from "../error/error.ts";
import type { Logger } from "../log/logger.ts";
import type { WorkflowMeter } from "../port/metrics.ts";
import type { AcceptedRun, Pipeline, PipelineDirectory } from "../port/pipeline.ts";
import type { Dispatcher, RuntimeServices, TargetRunOptions, WorkflowTarget } from "../port/runtime.ts";
import type { WorkflowInstance } from "../define/definition.ts";

/** A section of `workflows:` that can be run by triggers. */
export interface RunnableSection {
  readonly key: string;
  readonly instance: WorkflowInstance;
}

/** Resolves what triggers name: a pipeline, a section, or a name that a section owns such as a state machine. */
export class WorkflowDispatcher implements Dispatcher {
  readonly #pipelines: PipelineDirectory;
  readonly #sections: RunnableSection[] = [];
  #runtime: RuntimeServices | undefined;

  constructor(pipelines: PipelineDirectory) {
    this.#pipelines = pipelines;
  }

  /** Called once while the generation is built, since the services themselves hold the dispatcher. */
  connect(runtime: RuntimeServices): void {
    this.#runtime = runtime;
  }

  addSection(section: RunnableSection): void {
    this.#sections.push(section);
  }

  /** Whether something of this name can be run; for warnings when a configuration is checked. */
  knows(workflow: string): boolean {
    return this.#pipelines.find(pipelineName(workflow)) !== undefined || this.#section(workflow) !== undefined;
  }

  target(workflow: string, action: string, written: Written = {}): WorkflowTarget {
    const runtime = this.#runtime;
    if (runtime === undefined) throw new WorkflowError("internal.invariant", "targets are made after the runtime");
    const isPipeline = this.#pipelines.find(pipelineName(workflow)) !== undefined;
    const effective = action === "" && isPipeline ? "execute" : action;
    const accept = () => this.#pipelines.find(pipelineName(workflow));
    return new Target(
      { workflow, action: effective },
      () => this.#resolve(workflow, effective, written),
      accept,
      runtime,
    );
  }

  #section(workflow: string): RunnableSection | undefined {
    return (
      this.#sections.find((section) => section.key === workflow) ??
      this.#sections.find((section) => section.instance.names?.includes(workflow) === true)
    );
  }

  #resolve(workflow: string, action: string, { at, params = {} }: Written): RunTarget {
    const pipeline = this.#pipelines.find(pipelineName(workflow));
    if (pipeline !== undefined) {
      return {
        run: (data, options) => pipeline.run(data, options),
        located: (error) => trailed(`pipeline "${pipeline.name}" execution failed: `, error),
      };
    }
    const execute = this.#section(workflow)?.instance.execute;
    if (execute !== undefined) {
      return { run: (data, options) => execute(action, data, { ...options, workflow, params }) };
    }
    const missing = workflow.startsWith("pipeline:")
      ? `pipeline "${pipelineName(workflow)}" not found`
      : `no handler found for workflow type: ${workflow}`;
    const where = { at: at === undefined ? [] : [at] };
    return { run: () => Promise.reject(new WorkflowError("run.unknown_pipeline", missing, where)) };
  }
}

type Written = NonNullable<Parameters<Dispatcher["target"]>[2]>;
type RunResult = Record<string, unknown> | Promise<Record<string, unknown>>;

/** What is run. Failures of a pipeline are told with its name; those of a section say where they are from. */
interface RunTarget {
  run(data: Record<string, unknown>, options: TargetRunOptions): RunResult;
  readonly located?: (error: unknown) => WorkflowError;
}

function pipelineName(workflow: string): string {
  return workflow.startsWith("pipeline:") ? workflow.slice("pipeline:".length) : workflow;
}

type Status = "started" | "completed" | "failed";

class Target implements WorkflowTarget {
  readonly workflow: string;
  readonly action: string;
  readonly #resolve: () => RunTarget;
  readonly #pipeline: () => Pipeline | undefined;
  readonly #runtime: RuntimeServices;
  readonly #meter: WorkflowMeter;
  readonly #log: Logger;
  readonly #topics: Readonly<Record<Status, readonly string[]>>;
  #target: RunTarget | undefined;

  constructor(
    { workflow, action }: { readonly workflow: string; readonly action: string },
    resolve: () => RunTarget,
    pipeline: () => Pipeline | undefined,
    runtime: RuntimeServices,
  ) {
    this.workflow = workflow;
    this.action = action;
    this.#resolve = resolve;
    this.#pipeline = pipeline;
    this.#runtime = runtime;
    this.#meter = runtime.metrics.workflow(workflow, action);
    this.#log = runtime.log;
    const topics = (status: Status) => [`workflow.${workflow}.${status}`, `workflow.${status}`];
    this.#topics = { started: topics("started"), completed: topics("completed"), failed: topics("failed") };
  }

  /** Completes without a promise when everything it runs does. */
  run(data: Record<string, unknown>, options: TargetRunOptions): RunResult {
    this.#target ??= this.#resolve();
    const { events, clock } = this.#runtime;
    const started = clock.monotonic();
    this.#meter.start();
    if (!events.isIdle) this.#emit("started", { data });
    if (this.#log.isDebug) {
      this.#log.debug(`Triggered workflow '${this.workflow}' with action '${this.action}'`, { data });
    }
    let results: RunResult;
    try {
      results = this.#target.run(data, options);
    } catch (error) {
      throw this.#failed(error, started, options);
    }
    if (!(results instanceof Promise)) return this.#completed(results, started);
    return results.then(
      (final) => this.#completed(final, started),
      (error: unknown) => {
        throw this.#failed(error, started, options);
      },
    );
  }

  acceptProblem(): string | undefined {
    const pipeline = this.#pipeline();
    return pipeline === undefined ? `workflow '${this.workflow}' is no pipeline` : pipeline.acceptProblem;
  }

  async accept(data: Record<string, unknown>, options: TargetRunOptions): Promise<AcceptedRun> {
    const pipeline = this.#pipeline();
    if (pipeline !== undefined) return pipeline.accept(data, options);
    throw new WorkflowError("run.not_durable", `a run cannot be accepted: ${this.acceptProblem() ?? ""}`);
  }

  #completed(results: Record<string, unknown>, started: number): Record<string, unknown> {
    const { events, clock } = this.#runtime;
    const elapsedMs = clock.monotonic() - started;
    this.#meter.finish("success", elapsedMs / 1000);
    if (!events.isIdle) this.#emit("completed", { duration: Math.round(elapsedMs * 1e6), results });
    if (this.#log.isDebug) this.#log.debug(`Workflow '${this.workflow}' executed successfully`);
    return results;
  }

  #failed(thrown: unknown, started: number, options: TargetRunOptions): WorkflowError {
    const error = this.#target?.located?.(thrown) ?? thrown;
    const elapsedMs = this.#runtime.clock.monotonic() - started;
    const failure = trailed("workflow execution failed: ", error);
    this.#meter.finish("error", elapsedMs / 1000);
    this.#emit("failed", { duration: Math.round(elapsedMs * 1e6), error: messageOf(error) });
    // What a client did wrong is no fault of the server's.
    const level = failure.status < 500 ? "info" : "error";
    const text = `Failed to execute workflow '${this.workflow}': ${messageOf(error)}`;
    this.#log.log(level, text, { trigger: options.trigger });
    return failure;
  }

  /** Listeners are told, not waited for: they must not slow or fail the workflow. */
  #emit(status: Status, facts: Readonly<Record<string, unknown>>): void {
    const { events, clock } = this.#runtime;
    for (const topic of this.#topics[status]) {
      if (!events.hasSubscribers(topic)) continue;
      const timestamp = new Date(clock.now()).toISOString();
      const payload = { workflowType: this.workflow, action: this.action, status, timestamp, ...facts };
      events
        .publish(topic, payload)
        .catch((error: unknown) => this.#log.warn("Lifecycle event not delivered", { topic, error }));
    }
  }
}
