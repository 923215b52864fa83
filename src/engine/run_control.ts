import { WorkflowError } from "../error/error.ts";
import { isPlainMap } from "../json/map.ts";
import type { ReplayRequest, RunControl as RunControlPort } from "../port/run_control.ts";
import type { BuiltPipeline } from "../runtime/executor.ts";
import type { Generation, ProcessServices } from "../runtime/generation.ts";
import { blobReference, storedText } from "../service/journal/blob.ts";
import type { Journal } from "../service/journal/journal.ts";
import { encodeValue } from "../service/journal/payload.ts";
import type { RunRow, StepRow } from "../service/journal/run_row.ts";
import type { StoreOperation } from "../service/store/statement.ts";
import { DeadLetters } from "./dead_letters.ts";

/** What the control of runs needs of the engine. */
export interface RunControlOptions {
  readonly current: () => Generation | undefined;
  readonly conceal: (text: string) => string;
}

/** What people do with runs: repeat, retry, discard. */
export class RunControl implements RunControlPort {
  readonly deadLetters: DeadLetters;
  readonly #journal: Journal;
  readonly #options: RunControlOptions;

  constructor(journal: Journal, options: RunControlOptions) {
    this.#journal = journal;
    this.#options = options;
    this.deadLetters = new DeadLetters(journal, (name) => this.#pipeline(name).definition);
  }

  conceal(text: string): string {
    return this.#options.conceal(text);
  }

  /** Starts a run like another one, with the present definition of its pipeline; gives its id. */
  async replay(id: string, { modifications = {}, fromStep }: ReplayRequest): Promise<string> {
    const journal = this.#journal;
    await journal.settled();
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
    this.#tell(newId, run, { atMs: now, data, mode: Object.keys(modifications).length === 0 ? "exact" : "modified" });
    journal.look();
    return newId;
  }

  #tell(run: string, { id, pipeline }: RunRow, facts: { atMs: number; data: unknown; mode: string }): void {
    const { feed } = this.#journal;
    if (feed.isIdle) return;
    const { atMs, data, mode } = facts;
    const replay = { original_execution_id: id, mode };
    feed.emit({ id: `${run}-replay`, run, pipeline, type: "execution.replay", atMs, data: replay });
    const started = { pipeline, trigger_type: "replay", input: data };
    feed.emit({ id: `${run}-start`, run, pipeline, type: "execution.started", atMs, data: started });
  }

  async #run(id: string): Promise<RunRow> {
    const run = await this.#journal.find(id);
    if (run === undefined) throw new WorkflowError("run.not_found", `there is no execution ${id}`);
    return run;
  }

  #pipeline(name: string): BuiltPipeline {
    const pipeline = this.#options.current()?.pipelineNamed(name);
    if (pipeline !== undefined) return pipeline;
    throw new WorkflowError("management.conflict", `the running configuration has no pipeline "${name}"`);
  }
}

/** The services of a generation, with what it may know of recorded runs. */
export function withRuns(services: ProcessServices, runControl: RunControl | undefined): ProcessServices {
  return { ...services, runFeed: services.journal?.feed, runControl };
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
  return [
    [
      "insertRun",
      id,
      run.pipeline,
      hash,
      "replay",
      durability,
      "queued",
      input,
      ...keys,
      now,
      ...none,
      now,
      null,
      null,
    ],
  ];
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
