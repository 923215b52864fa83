import { messageOf, type Position, prefixed, WorkflowError } from "../error/error.ts";
import type { Logger } from "../log/logger.ts";
import type { WorkflowMeter } from "../port/metrics.ts";
import type { PipelineDirectory } from "../port/pipeline.ts";
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

  target(workflow: string, action: string, at?: Position): WorkflowTarget {
    const runtime = this.#runtime;
    if (runtime === undefined) throw new WorkflowError("internal.invariant", "targets are made after the runtime");
    const isPipeline = this.#pipelines.find(pipelineName(workflow)) !== undefined;
    const effective = action === "" && isPipeline ? "execute" : action;
    return new Target(workflow, effective, () => this.#resolve(workflow, effective, at), runtime);
  }

  #section(workflow: string): RunnableSection | undefined {
    return (
      this.#sections.find((section) => section.key === workflow) ??
      this.#sections.find((section) => section.instance.names?.includes(workflow) === true)
    );
  }

  #resolve(workflow: string, action: string, at: Position | undefined): RunTarget {
    const pipeline = this.#pipelines.find(pipelineName(workflow));
    if (pipeline !== undefined) {
      return async (data, options) => {
        try {
          return await pipeline.run(data, options);
        } catch (error) {
          throw prefixed(`pipeline "${pipeline.name}" execution failed: `, error);
        }
      };
    }
    const execute = this.#section(workflow)?.instance.execute;
    if (execute !== undefined) return (data, options) => execute(action, data, { ...options, workflow });
    const missing = workflow.startsWith("pipeline:")
      ? `pipeline "${pipelineName(workflow)}" not found`
      : `no handler found for workflow type: ${workflow}`;
    return () =>
      Promise.reject(new WorkflowError("run.unknown_pipeline", missing, { at: at === undefined ? [] : [at] }));
  }
}

type RunTarget = (data: Record<string, unknown>, options: TargetRunOptions) => Promise<Record<string, unknown>>;

function pipelineName(workflow: string): string {
  return workflow.startsWith("pipeline:") ? workflow.slice("pipeline:".length) : workflow;
}

class Target implements WorkflowTarget {
  readonly workflow: string;
  readonly action: string;
  readonly #resolve: () => RunTarget;
  readonly #runtime: RuntimeServices;
  readonly #meter: WorkflowMeter;
  readonly #log: Logger;
  readonly #topic: string;
  #run: RunTarget | undefined;

  constructor(workflow: string, action: string, resolve: () => RunTarget, runtime: RuntimeServices) {
    this.workflow = workflow;
    this.action = action;
    this.#resolve = resolve;
    this.#runtime = runtime;
    this.#meter = runtime.metrics.workflow(workflow, action);
    this.#log = runtime.log;
    this.#topic = `workflow.${workflow}.`;
  }

  async run(data: Record<string, unknown>, options: TargetRunOptions): Promise<Record<string, unknown>> {
    this.#run ??= this.#resolve();
    const started = this.#runtime.clock.monotonic();
    this.#meter.start();
    this.#emit("started", { data });
    if (this.#log.isDebug)
      this.#log.debug(`Triggered workflow '${this.workflow}' with action '${this.action}'`, { data });
    try {
      const results = await this.#run(data, options);
      const elapsedMs = this.#runtime.clock.monotonic() - started;
      this.#meter.finish("success", elapsedMs / 1000);
      this.#emit("completed", { duration: Math.round(elapsedMs * 1e6), results });
      if (this.#log.isDebug) this.#log.debug(`Workflow '${this.workflow}' executed successfully`);
      return results;
    } catch (error) {
      const elapsedMs = this.#runtime.clock.monotonic() - started;
      this.#meter.finish("error", elapsedMs / 1000);
      this.#emit("failed", { duration: Math.round(elapsedMs * 1e6), error: messageOf(error) });
      this.#log.error(`Failed to execute workflow '${this.workflow}': ${messageOf(error)}`, {
        trigger: options.trigger,
      });
      throw prefixed("workflow execution failed: ", error);
    }
  }

  #emit(status: "started" | "completed" | "failed", facts: Record<string, unknown>): void {
    const { events, clock } = this.#runtime;
    for (const topic of [this.#topic + status, `workflow.${status}`]) {
      if (!events.hasSubscribers(topic)) continue;
      const timestamp = new Date(clock.now()).toISOString();
      const payload = { workflowType: this.workflow, action: this.action, status, timestamp, ...facts };
      // Listeners are told, not waited for: they must not slow or fail the workflow.
      events
        .publish(topic, payload)
        .catch((error: unknown) => this.#log.warn("Lifecycle event not delivered", { topic, error }));
    }
  }
}
