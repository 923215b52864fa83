import type { Clock } from "../../../time/clock.ts";

/** When a circuit opens and closes. */
export interface CircuitLimits {
  /** Failures in a row that open it. */
  readonly failures: number;
  /** Successes that close it after the pause. */
  readonly successes: number;
  /** Length of the pause in milliseconds. */
  readonly openMs: number;
}

/** A run that may go on. */
export interface Admission {
  readonly state: "closed" | "half-open";
  /** True for the run that ended the pause. */
  readonly isTransition: boolean;
  /** Tells what became of the run to the circuit as it was when the run began. */
  readonly turn: number;
}

/**
 * Closed while runs succeed; open after failures in a row; half open after a pause, when a few runs try. What is known
 * of a run comes when it ends, so runs that began before the last change of state no longer count.
 */
export class RunCircuit {
  readonly #limits: CircuitLimits;
  readonly #clock: Pick<Clock, "monotonic">;
  #state: "closed" | "open" | "half-open" = "closed";
  #turn = 0;
  #failures = 0;
  #successes = 0;
  #trying = 0;
  /** When the pause or the last trial began. */
  #sinceMs = 0;

  constructor(limits: CircuitLimits, clock: Pick<Clock, "monotonic">) {
    this.#limits = limits;
    this.#clock = clock;
  }

  get state(): "closed" | "open" | "half-open" {
    return this.#state;
  }

  /** Milliseconds until runs may try again. */
  get waitMs(): number {
    if (this.#state === "closed") return 0;
    return Math.max(0, this.#sinceMs + this.#limits.openMs - this.#clock.monotonic());
  }

  /** Lets a run through; undefined when it must not go on. */
  admit(): Admission | undefined {
    if (this.#state === "closed") return { state: "closed", isTransition: false, turn: this.#turn };
    const isTransition = this.#state === "open";
    if (isTransition) {
      if (this.waitMs > 0) return undefined;
      this.#enter("half-open");
    } else if (this.#trying + this.#successes >= this.#limits.successes) {
      // Trials may wait for days, or end in another process: after another pause they no longer keep others out.
      if (this.waitMs > 0) return undefined;
      this.#trying = 0;
    }
    this.#trying++;
    this.#sinceMs = this.#clock.monotonic();
    return { state: "half-open", isTransition, turn: this.#turn };
  }

  succeeded(turn: number): void {
    if (turn !== this.#turn) return;
    this.#failures = 0;
    if (this.#state !== "half-open") return;
    this.#release();
    if (++this.#successes >= this.#limits.successes) this.#enter("closed");
  }

  failed(turn: number): void {
    if (turn !== this.#turn) return;
    if (this.#state === "half-open" || ++this.#failures >= this.#limits.failures) this.#enter("open");
  }

  /** The run ended without telling anything. */
  undecided(turn: number): void {
    if (turn === this.#turn) this.#release();
  }

  #release(): void {
    this.#trying = Math.max(0, this.#trying - 1);
  }

  #enter(state: "closed" | "open" | "half-open"): void {
    this.#state = state;
    this.#turn++;
    this.#failures = 0;
    this.#successes = 0;
    this.#trying = 0;
    this.#sinceMs = this.#clock.monotonic();
  }
}
