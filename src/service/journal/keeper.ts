import { messageOf } from "../../error/error.ts";
import type { Logger } from "../../log/logger.ts";
import type { Metrics } from "../../port/metrics.ts";
import type { Journal } from "./journal.ts";
import type { StatementName } from "../store/statement.ts";

/** How long finished runs are kept. */
export interface Retention {
  /** For all runs, in milliseconds. */
  readonly finishedMs: number;
  /** Runs that are not durable, beyond this number of newer ones. */
  readonly undurableMax: number;
}

/** Runs that are removed in one commit. */
const batch = 500;

/** Batches of one turn: a long backlog must not hold the store up. */
const batchesMax = 100;

/** What must never be found in the journal, by the name of the check. */
const checks: Readonly<Record<string, StatementName>> = {
  waiting_for_nothing: "auditWaiting",
  finished_and_open: "auditFinished",
  gap_in_steps: "auditGaps",
  orphans: "auditOrphans",
};

/** Removes what is old, and looks for what must not be: a run that is `running` with nobody running it, above all. */
export class JournalKeeper {
  readonly #journal: Journal;
  readonly #log: Logger;
  readonly #retention: Retention;
  readonly #found = new Map<string, number>();
  /** Runs that nobody held when they were last looked at. */
  #unheld: ReadonlySet<string> = new Set();

  constructor(
    journal: Journal,
    around: { readonly log: Logger; readonly metrics: Metrics; readonly retention: Retention },
  ) {
    this.#journal = journal;
    this.#log = around.log;
    this.#retention = around.retention;
    const help = "Violations of the journal's invariants that the last check found.";
    for (const check of [...Object.keys(checks), "running_without_owner"]) {
      around.metrics.gauge("workflow_journal_violations", help, { check }, () => this.#found.get(check) ?? 0);
    }
  }

  /** Prunes and checks. What fails is logged and tried again next time. */
  async turn(): Promise<void> {
    try {
      await this.prune();
      await this.audit();
    } catch (error) {
      this.#log.warn("The journal could not be looked after", { error: messageOf(error) });
    }
  }

  /** Removes finished runs that are older than they are kept; gives how many. */
  async prune(): Promise<number> {
    const { finishedMs, undurableMax } = this.#retention;
    const before = this.#journal.clock.now() - finishedMs;
    let removed = 0;
    for (let turn = 0; turn < batchesMax; turn++) {
      const old = await this.#journal.query("oldRuns", before, batch);
      const surplus = await this.#journal.query("surplusRuns", batch, undurableMax);
      const ids = [...new Set([...old, ...surplus].map(({ id }) => String(id)))];
      if (ids.length === 0) break;
      await Promise.all(ids.map((id) => this.#remove(id)));
      removed += ids.length;
    }
    if (removed > 0) {
      await this.#journal.commit([["deleteUnusedBlobs"], ["deleteUnusedDefinitions", before]]);
      this.#journal.forgetDefinitions();
      this.#log.debug("Old executions removed", { executions: removed });
    }
    return removed;
  }

  /** Checks the invariants; gives what was found by the name of the check. Runs without an owner are taken up again. */
  async audit(): Promise<ReadonlyMap<string, number>> {
    for (const [check, statement] of Object.entries(checks)) {
      const [row] = await this.#journal.query(statement);
      this.#note(check, Number(row?.total ?? 0));
    }
    const running = await this.#journal.query("runningIds");
    const unheld = running.map(({ id }) => String(id)).filter((id) => this.#journal.live(id) === undefined);
    // Between a claim and its first step nobody holds a run, for a moment.
    const lost = unheld.filter((id) => this.#unheld.has(id));
    this.#unheld = new Set(unheld);
    this.#note("running_without_owner", lost.length);
    for (const id of lost) await this.#journal.release(id);
    return this.#found;
  }

  #note(check: string, total: number): void {
    if (total > 0) this.#log.error("The journal breaks a rule", { check, total });
    this.#found.set(check, total);
  }

  async #remove(id: string): Promise<void> {
    await this.#journal.commit([
      ["deleteStepsOf", id],
      ["deleteItemsOf", id],
      ["deleteSignalsOf", id],
      ["deleteBlobUsesOf", id],
      ["deleteRun", id],
    ]);
  }
}
