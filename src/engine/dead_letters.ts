import { WorkflowError } from "../error/error.ts";
import { ownValue } from "../json/map.ts";
import type { DeadLetterDesk, DeadLetterEntry, DeadLetterQuery, DeadLetterStatus } from "../port/dead_letter.ts";
import type { DeadLetter } from "../service/journal/dead_letter.ts";
import type { Journal } from "../service/journal/journal.ts";
import type { Definition } from "../service/journal/run_writer.ts";
import { shownValue } from "../service/journal/shown_value.ts";

/** The dead letters of the journal, and what people do with them. */
export class DeadLetters implements DeadLetterDesk {
  readonly #journal: Journal;
  readonly #definitionOf: (pipeline: string) => Definition;
  readonly #limits = new Set<{ readonly max: number }>();

  /** `definitionOf` throws when the running configuration has no such pipeline. */
  constructor(journal: Journal, definitionOf: (pipeline: string) => Definition) {
    this.#journal = journal;
    this.#definitionOf = definitionOf;
  }

  async list(
    query: DeadLetterQuery,
  ): Promise<{ readonly entries: readonly DeadLetterEntry[]; readonly total: number }> {
    const letters = await this.#journal.deadLetters(query);
    const { total } = await this.#journal.deadLetterCounts(query);
    return { entries: letters.map((letter) => entryOf(letter, this.#retriesMax)), total };
  }

  async counts(): Promise<{ readonly total: number; readonly byStatus: Readonly<Record<DeadLetterStatus, number>> }> {
    const { total, byStatus } = await this.#journal.deadLetterCounts({});
    return { total, byStatus: { pending: 0, retrying: 0, resolved: 0, discarded: 0, ...byStatus } };
  }

  async entry(id: string): Promise<DeadLetterEntry> {
    return entryOf(await this.#found(id), this.#retriesMax);
  }

  async retry(id: string): Promise<string> {
    const journal = this.#journal;
    const letter = await this.#found(id);
    const definition = this.#definitionOf(letter.pipeline);
    const max = this.#retriesMax ?? Number.MAX_SAFE_INTEGER;
    const now = journal.clock.now();
    const changed = await journal.commit([
      ["retryDeadLetter", letter.id, now, max],
      ["insertDefinition", definition.hash, letter.pipeline, definition.source, now],
      ["retryRun", letter.run, now, definition.hash],
    ]);
    if (changed.length < 3 || changed[2] === 0) throw await this.#refusal(letter, max);
    journal.look();
    return letter.run;
  }

  async close(id: string, status: "discarded" | "resolved"): Promise<void> {
    const now = this.#journal.clock.now();
    const letter = await this.#found(id);
    const [changed] = await this.#journal.commit([["setDeadLetterStatus", letter.id, status, 0, now, now]]);
    if (changed === 0) throw new WorkflowError("management.conflict", `dead letter ${letter.id} is ${letter.status}`);
  }

  purge(olderThanMs: number): Promise<number> {
    return this.#journal.purgeDeadLetters(this.#journal.clock.now() - olderThanMs);
  }

  limitRetries(max: number): () => void {
    const limit = { max };
    this.#limits.add(limit);
    return () => void this.#limits.delete(limit);
  }

  get #retriesMax(): number | undefined {
    return this.#limits.size === 0 ? undefined : Math.min(...[...this.#limits].map(({ max }) => max));
  }

  async #found(id: string): Promise<DeadLetter> {
    const letter = await this.#journal.deadLetter(id);
    if (letter !== undefined) return letter;
    throw new WorkflowError("run.not_found", "entry not found");
  }

  async #refusal({ id }: DeadLetter, max: number): Promise<WorkflowError> {
    const { status, retryCount } = await this.#found(id);
    const isUsedUp = status === "pending" && retryCount >= max;
    const text = isUsedUp
      ? `dead letter ${id} has been retried ${retryCount} times, which is as often as max_retries allows`
      : `dead letter ${id} is not pending, or its run is not failed`;
    return new WorkflowError("management.conflict", text);
  }
}

function entryOf(letter: DeadLetter, retriesMax: number | undefined): DeadLetterEntry {
  const payload = shownValue(letter.payload);
  return {
    id: letter.id,
    original_event: ownValue(payload, "data") ?? payload,
    pipeline_name: letter.pipeline,
    step_name: letter.step,
    error_message: letter.error,
    error_type: letter.errorCode,
    retry_count: letter.retryCount,
    max_retries: retriesMax,
    status: letter.status,
    created_at: new Date(letter.createdAt).toISOString(),
    updated_at: new Date(letter.updatedAt).toISOString(),
    resolved_at: letter.resolvedAt === undefined ? undefined : new Date(letter.resolvedAt).toISOString(),
    metadata: { execution_id: letter.run },
  };
}
