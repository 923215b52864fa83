import { messageOf, WorkflowError } from "../error/error.ts";
import type { BuiltPipeline } from "../runtime/executor.ts";
import type { Generation } from "../runtime/generation.ts";
import type { Journal, ResumedRun, RunResumer } from "../service/journal/journal.ts";

/** What the resumer needs of the engine. */
export interface ResumerOptions {
  readonly journal: Journal;
  readonly current: () => Generation | undefined;
  /** Builds a stored definition against the running configuration. Rejects with `run.blocked`. */
  readonly adopt: (name: string, definition: string, source: string) => Promise<BuiltPipeline>;
}

/** Goes on with runs by the definition they were started with. */
export class PinnedResumer implements RunResumer {
  readonly #options: ResumerOptions;
  readonly #adopting = new Map<string, Promise<BuiltPipeline>>();
  #generation: Generation | undefined;

  constructor(options: ResumerOptions) {
    this.#options = options;
  }

  resume(resumed: ResumedRun): void {
    const { journal } = this.#options;
    const { run } = resumed;
    const pipeline = this.#options.current()?.pipelineOf(run.pipeline, run.definition);
    if (pipeline !== undefined) {
      pipeline.resume(resumed);
      return;
    }
    void this.#earlier(run.pipeline, run.definition).then(
      (adopted) => adopted.resume(resumed),
      (error: unknown) => {
        const reason = error instanceof WorkflowError ? error : new WorkflowError("run.blocked", messageOf(error));
        void journal.block(run, reason);
      },
    );
  }

  /** Many runs may ask for the same definition at once; it is built once in each generation. */
  #earlier(name: string, definition: string): Promise<BuiltPipeline> {
    const generation = this.#options.current();
    if (generation !== this.#generation) {
      this.#generation = generation;
      this.#adopting.clear();
    }
    let adopting = this.#adopting.get(definition);
    if (adopting === undefined) {
      adopting = this.#load(name, definition);
      this.#adopting.set(definition, adopting);
    }
    return adopting;
  }

  async #load(name: string, definition: string): Promise<BuiltPipeline> {
    const source = await this.#options.journal.definition(definition);
    if (source === undefined) throw new WorkflowError("run.blocked", "the definition it was started with is gone");
    return this.#options.adopt(name, definition, source);
  }
}

/** A configuration that holds one stored pipeline. */
export function storedConfigText(name: string, source: string): string {
  return `{"pipelines":{${JSON.stringify(name)}:${source}}}`;
}
