import type { Effect } from "./effects.ts";
import type { JournalContent, JournalRun } from "./journal_file.ts";
import type { Scenario } from "./scenario.ts";

/** A piece of work that was accepted: the client was told so, or its run is in the journal. */
export interface AcceptedWork {
  readonly work: string;
  readonly scenario: Scenario;
}

/** What was done, and what crashes have left. */
export interface CrashRecord {
  readonly effects: readonly Effect[];
  /** How often each call of a step had been made when a crash first left the step committed, by idempotency key. */
  readonly committed: ReadonlyMap<string, number>;
  readonly crashes: number;
  /** What SQLite's own check says. */
  readonly integrity: string;
}

/** What came of all crashes. */
export interface AuditReport {
  /** Sentences; none when everything is as it must be. */
  readonly faults: readonly string[];
  readonly accepted: number;
  readonly completed: number;
  /** Accepted work whose run is gone or not finished. */
  readonly lost: number;
  /** Calls made again although their step was committed. */
  readonly committedRepeated: number;
  /** Calls made again because their step was under way when the server died. */
  readonly inFlightRepeated: number;
  /** Processes that the run with the most of them has seen. */
  readonly attemptsMost: number;
}

/** How often each call of a committed step was made until now, by idempotency key. */
export function committedCalls(journal: JournalContent, effects: readonly Effect[]): ReadonlyMap<string, number> {
  const done = new Set(journal.steps.filter(isDone).map(({ run, seq }) => `${run}/${seq}`));
  const items = new Set(journal.items);
  const committed = new Map<string, number>();
  for (const [key, count] of countByKey(effects)) {
    if (done.has(stepKey(key)) || items.has(key)) committed.set(key, count);
  }
  return committed;
}

/** Compares what was promised, what the journal says and what was done. */
export function audit(
  accepted: readonly AcceptedWork[],
  journal: JournalContent,
  { effects, committed, crashes, integrity }: CrashRecord,
): AuditReport {
  const faults: string[] = [];
  if (integrity !== "ok") faults.push(`the file is damaged: ${integrity}`);
  faults.push(...findUnfinished(journal), ...findBrokenSequences(journal), ...findWrongLetters(journal, accepted));
  const works = findWrongWork(accepted, journal, effects);
  faults.push(...works.faults);
  const counts = countByKey(effects);
  let committedRepeated = 0;
  for (const [key, count] of committed) {
    const more = (counts.get(key) ?? 0) - count;
    committedRepeated += more;
    if (more > 0) faults.push(`the committed step ${key} was run again ${more} times`);
  }
  faults.push(...findManyRepeats(accepted, effects, crashes));
  return {
    faults,
    accepted: accepted.length,
    completed: accepted.length - works.lost,
    lost: works.lost,
    committedRepeated,
    inFlightRepeated: effects.length - counts.size - committedRepeated,
    attemptsMost: journal.runs.reduce((most, { attempt }) => Math.max(most, attempt), 0),
  };
}

function isDone({ status }: { readonly status: string }): boolean {
  return status === "completed";
}

/** Whether nothing is left to do for a run. */
export function isFinished({ status }: JournalRun): boolean {
  return status === "completed" || status === "failed" || status === "cancelled";
}

/** `run/seq` of `run/seq` or `run/seq/part`. */
function stepKey(key: string): string {
  return key.split("/").slice(0, 2).join("/");
}

function countByKey(effects: readonly Effect[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { key } of effects) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

function findUnfinished({ runs }: JournalContent): string[] {
  return runs
    .filter((run) => !isFinished(run))
    .map(({ id, pipeline, status, attempt }) => `run ${id} of ${pipeline} is still ${status} in attempt ${attempt}`);
}

/** The steps of a run are numbered from 1 without a gap, and each number has one outcome. */
function findBrokenSequences({ runs, steps }: JournalContent): string[] {
  const seqs = new Map<string, number[]>();
  for (const { run, seq } of steps) seqs.set(run, [...(seqs.get(run) ?? []), seq]);
  const faults = [...seqs].flatMap(([run, list]) =>
    list.every((seq, index) => seq === index + 1) ? [] : [`the steps of run ${run} are numbered ${list.join(", ")}`],
  );
  const known = new Set(runs.map(({ id }) => id));
  for (const run of seqs.keys()) if (!known.has(run)) faults.push(`steps of run ${run} have no run`);
  return faults;
}

/** Each failed run that nobody waited for has one dead letter, and no other run has any. */
function findWrongLetters({ runs, deadLetters }: JournalContent, accepted: readonly AcceptedWork[]): string[] {
  const failing = new Set(accepted.filter(({ scenario }) => scenario.end === "failed").map(({ work }) => work));
  const counts = new Map<string, number>();
  for (const run of deadLetters) counts.set(run, (counts.get(run) ?? 0) + 1);
  return runs.flatMap(({ id, pipeline, work }) => {
    const count = counts.get(id) ?? 0;
    return count === (failing.has(work) ? 1 : 0) ? [] : [`run ${id} of ${pipeline} has ${count} dead letters`];
  });
}

function findWrongWork(
  accepted: readonly AcceptedWork[],
  journal: JournalContent,
  effects: readonly Effect[],
): { readonly faults: string[]; readonly lost: number } {
  const runs = Map.groupBy(journal.runs, ({ work, pipeline }) => `${pipeline} ${work}`);
  const done = Map.groupBy(effects, ({ work }) => work);
  const rows = new Map(journal.steps.map(({ run, seq, name }) => [`${run}/${seq}`, name]));
  const faults: string[] = [];
  let lost = 0;
  for (const { work, scenario } of accepted) {
    const own = runs.get(`${scenario.name} ${work}`) ?? [];
    const [run] = own;
    if (run?.status !== scenario.end) {
      lost++;
      faults.push(`work ${work} was accepted, and its run is ${run?.status ?? "gone"}: ${run?.error ?? ""}`);
    }
    if (own.length > 1) faults.push(`work ${work} has ${own.length} runs`);
    const calls = done.get(work) ?? [];
    faults.push(...findWrongEffects(scenario, work, calls), ...findWrongKeys(calls, rows));
  }
  return { faults, lost };
}

/** Every call was made, no other was, and whoever it was made to saw one key for it. */
function findWrongEffects({ effects, name }: Scenario, work: string, done: readonly Effect[]): string[] {
  const keys = new Map<string, Set<string>>(effects.map((step) => [step, new Set()]));
  const faults: string[] = [];
  for (const { step, key } of done) {
    const known = keys.get(step);
    if (known === undefined) faults.push(`${name} ${work}: ${step} was called`);
    else known.add(key);
  }
  for (const [step, { size }] of keys) {
    if (size !== 1) faults.push(`${name} ${work}: ${step} was called with ${size} different keys`);
  }
  return faults;
}

/** The key of a call names the row of its step. */
function findWrongKeys(done: readonly Effect[], rows: ReadonlyMap<string, string>): string[] {
  return done.flatMap(({ key, step }) => {
    const [name = ""] = step.split("/");
    const row = rows.get(stepKey(key));
    return row === name ? [] : [`${step} was called with the key "${key}", which is of step ${row ?? "none"}`];
  });
}

/** A crash repeats what was under way in a run, and nothing else. */
function findManyRepeats(accepted: readonly AcceptedWork[], effects: readonly Effect[], crashes: number): string[] {
  const done = Map.groupBy(effects, ({ work }) => work);
  return accepted.flatMap(({ work, scenario }) => {
    const all = done.get(work) ?? [];
    const repeats = all.length - new Set(all.map(({ key }) => key)).size;
    return repeats <= crashes * scenario.inFlight ? [] : [`${scenario.name} ${work}: ${repeats} calls were repeated`];
  });
}
