import { WorkflowError } from "../error/error.ts";
import { isPlainMap } from "../json/map.ts";
import type { BuiltPipeline } from "../runtime/executor.ts";
import type { Generation } from "../runtime/generation.ts";
import { blobReference, storedText } from "../service/journal/blob.ts";
import type { DeadLetter } from "../service/journal/dead_letter.ts";
import type { Journal } from "../service/journal/journal.ts";
import { encodeValue } from "../service/journal/payload.ts";
import type { RunRow, StepRow } from "../service/journal/run_row.ts";
import type { StoreOperation } from "../service/store/statement.ts";

/** How a run is repeated. */
export interface ReplayRequest {
  /** Laid over the input, key by key; the name of a step gives that step's output instead of running it. */
  readonly modifications?: Readonly<Record<string, unknown>> | undefined;
  /** Takes the outcomes of the steps before this one from the first run. */
  readonly fromStep?: string | undefined;
}

/** What people do with runs: repeat, retry, discard. */
export class RunControl {
  readonly #journal: Journal;
  readonly #current: () => Generation | undefined;

  constructor(journal: Journal, current: () => Generation | undefined) {
    this.#journal = journal;
    this.#current = current;
  }

  /** Starts a run like another one, with the present definition of its pipeline; gives its id. */
  async replay(id: string, { modifications = {}, fromStep }: ReplayRequest): Promise<string> {
    const journal = this.#journal;
    const run = await this.#run(id);
    const pipeline = this.#pipeline(run.pipeline);
    const input = await journal.readMap(run.input);
    const forced: Record<string, unknown> = {};
    let data: unknown = input.data;
    for (const [key, value] of Object.entries(modifications)) {
      if (pipeline.stepIndex(key) >= 0) forced[key] = value;
      else data = merged(data, { [key]: value });
    }
    const kept = fromStep === undefined ? [] : before(await journal.steps(id), fromStep, pipeline);
    const newId = Bun.randomUUIDv7();
    const now = journal.clock.now();
    const text = encodeValue({ ...input, data, ...(Object.keys(forced).length === 0 ? {} : { forced }) });
    const stored = storedText(newId, text);
    const { hash, source } = pipeline.definition;
    await journal.commit([
      ["insertDefinition", hash, run.pipeline, source, now],
      ...stored.operations,
      ...insertion(newId, { run, hash, input: stored.column, now }),
      ...kept.flatMap((step) => copyOf(newId, step)),
    ]);
    journal.look();
    return newId;
  }

  /** Runs the failed run of a dead letter again, from the step that failed, with the present definition. */
  async retry(letter: DeadLetter): Promise<void> {
    const journal = this.#journal;
    const { definition } = this.#pipeline(letter.pipeline);
    const now = journal.clock.now();
    const changed = await journal.commit([
      ["setDeadLetterStatus", letter.id, "retrying", 1, now, null],
      ["insertDefinition", definition.hash, letter.pipeline, definition.source, now],
      ["retryRun", letter.run, now, definition.hash],
    ]);
    if (changed.length < 3 || changed[2] === 0) {
      throw new WorkflowError("management.conflict", `dead letter ${letter.id} is not pending, or its run is not failed`);
    }
    journal.look();
  }

  /** Marks a dead letter as done, one way or the other. */
  async close(letter: DeadLetter, status: "discarded" | "resolved"): Promise<void> {
    const now = this.#journal.clock.now();
    const [changed] = await this.#journal.commit([["setDeadLetterStatus", letter.id, status, 0, now, now]]);
    if (changed === 0) throw new WorkflowError("management.conflict", `dead letter ${letter.id} is ${letter.status}`);
  }

  async #run(id: string): Promise<RunRow> {
    const run = await this.#journal.find(id);
    if (run === undefined) throw new WorkflowError("run.not_found", `there is no execution ${id}`);
    return run;
  }

  #pipeline(name: string): BuiltPipeline {
    const pipeline = this.#current()?.pipelineNamed(name);
    if (pipeline !== undefined) return pipeline;
    throw new WorkflowError("management.conflict", `the running configuration has no pipeline "${name}"`);
  }
}

interface NewRun {
  readonly run: RunRow;
  readonly hash: string;
  readonly input: string;
  readonly now: number;
}

function insertion(id: string, { run, hash, input, now }: NewRun): readonly StoreOperation[] {
  const durability = run.durability === "none" ? "durable" : run.durability;
  const keys = [null, null, null, null, run.id] as const;
  const none = [null, null, null] as const;
  return [["insertRun", id, run.pipeline, hash, "replay", durability, "queued", input, ...keys, now, ...none, now, null, null]];
}

/** The steps before the first execution of a step; the last one leads to it. */
function before(steps: readonly StepRow[], name: string, pipeline: BuiltPipeline): readonly StepRow[] {
  const index = pipeline.stepIndex(name);
  const first = steps.find((step) => step.phase === "step" && step.name === name);
  if (index < 0) throw new WorkflowError("http.bad_request", `pipeline "${pipeline.name}" has no step "${name}"`);
  if (first === undefined) throw new WorkflowError("http.bad_request", `the execution never came to step "${name}"`);
  const kept = steps.filter((step) => step.phase === "step" && step.seq < first.seq && step.status !== "failed");
  return kept.map((step, position) => (position === kept.length - 1 ? { ...step, nextIndex: index } : step));
}

function copyOf(run: string, step: StepRow): readonly StoreOperation[] {
  const reference = step.output === undefined ? undefined : blobReference(step.output);
  const { seq, phase, name, type, status, output = null, error = null, errorCode = null } = step;
  const copy: StoreOperation = [
    "insertStep",
    run,
    seq,
    1,
    phase,
    name,
    type,
    status,
    output,
    error,
    errorCode,
    step.nextIndex,
    step.startedAt,
    step.finishedAt,
    1,
  ];
  return reference === undefined ? [copy] : [["insertBlobUse", run, reference.$blob], copy];
}

/** Lays one value over another: maps key by key, anything else in its place. */
function merged(value: unknown, over: unknown): unknown {
  if (!isPlainMap(value) || !isPlainMap(over)) return over;
  const result: Record<string, unknown> = { ...value };
  for (const [key, inner] of Object.entries(over)) if (key !== "__proto__") result[key] = merged(result[key], inner);
  return result;
}
