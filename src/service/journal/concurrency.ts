import { WorkflowError } from "../../error/error.ts";

/** How many runs may be under way, and what becomes of those beyond. */
export interface ConcurrencyRule {
  readonly limit: number;
  readonly onExcess: "queue" | "reject" | "replace";
}

/** The right to be under way. */
export interface Slot {
  /** Aborted when a newer run takes the place of this one. */
  readonly signal: AbortSignal;
  leave(): void;
}

interface Lane {
  readonly running: Set<Held>;
  readonly waiting: Waiting[];
}

interface Held extends Slot {
  readonly controller: AbortController;
}

interface Waiting {
  readonly resolve: (slot: Slot) => void;
  readonly reject: (error: unknown) => void;
}

/** Runs that may wait for one key. Guessed: beyond it, waiting helps nobody. */
const waitingMax = 100_000;

/** Limits how many runs of a pipeline are under way, for each key apart: a busy key keeps no other one waiting. */
export class ConcurrencyGate {
  rule: ConcurrencyRule;
  readonly #pipeline: string;
  readonly #lanes = new Map<string, Lane>();

  constructor(pipeline: string, rule: ConcurrencyRule) {
    this.#pipeline = pipeline;
    this.rule = rule;
  }

  /** Throws 429 when a run with this key would be refused now. */
  check(key: string): void {
    const lane = this.#lanes.get(key);
    if (lane === undefined || lane.running.size < this.rule.limit) return;
    if (this.rule.onExcess !== "reject" && lane.waiting.length < waitingMax) return;
    const { limit } = this.rule;
    const text = `pipeline "${this.#pipeline}" has ${limit} ${limit === 1 ? "run" : "runs"} under way${keyText(key)}`;
    throw new WorkflowError("run.limit_reached", text, { retryAfterS: 1 });
  }

  /** Waits for the right to begin. Rejects with 429 for those who may not wait, and with the signal's reason. */
  enter(key: string, signal?: AbortSignal): Promise<Slot> {
    this.check(key);
    const lane = this.#lane(key);
    if (lane.running.size < this.rule.limit) return Promise.resolve(this.#hold(key, lane));
    if (this.rule.onExcess === "replace") this.#makeWay(lane);
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        const index = lane.waiting.indexOf(waiting);
        if (index >= 0) lane.waiting.splice(index, 1);
        reject(signal?.reason);
      };
      const waiting: Waiting = {
        reject,
        resolve: (slot) => {
          signal?.removeEventListener("abort", onAbort);
          resolve(slot);
        },
      };
      lane.waiting.push(waiting);
      if (signal?.aborted === true) onAbort();
      else signal?.addEventListener("abort", onAbort, { once: true });
    });
  }

  /** How many runs are under way and wait. */
  get load(): { readonly running: number; readonly waiting: number } {
    let running = 0;
    let waiting = 0;
    for (const lane of this.#lanes.values()) {
      running += lane.running.size;
      waiting += lane.waiting.length;
    }
    return { running, waiting };
  }

  /** The newest run takes the place of everything older: of those that wait, and of the oldest that is under way. */
  #makeWay({ running, waiting }: Lane): void {
    const replaced = new WorkflowError("run.cancelled", "a newer run took the place of this one");
    for (const { reject } of waiting.splice(0)) reject(replaced);
    const [oldest] = running;
    oldest?.controller.abort(replaced);
  }

  #lane(key: string): Lane {
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      lane = { running: new Set(), waiting: [] };
      this.#lanes.set(key, lane);
    }
    return lane;
  }

  #hold(key: string, lane: Lane): Held {
    const controller = new AbortController();
    const held: Held = { controller, signal: controller.signal, leave: () => this.#leave(key, lane, held) };
    lane.running.add(held);
    return held;
  }

  #leave(key: string, lane: Lane, held: Held): void {
    if (!lane.running.delete(held)) return;
    while (lane.running.size < this.rule.limit) {
      const next = lane.waiting.shift();
      if (next === undefined) break;
      next.resolve(this.#hold(key, lane));
    }
    if (lane.running.size === 0 && lane.waiting.length === 0) this.#lanes.delete(key);
  }
}

function keyText(key: string): string {
  return key === "" ? "" : ` for ${JSON.stringify(key)}`;
}

/** The gates of all pipelines by name. They outlive a reload, so that a limit holds across it. */
export class ConcurrencyGates {
  readonly #gates = new Map<string, ConcurrencyGate>();

  of(pipeline: string, rule: ConcurrencyRule): ConcurrencyGate {
    let gate = this.#gates.get(pipeline);
    if (gate === undefined) {
      gate = new ConcurrencyGate(pipeline, rule);
      this.#gates.set(pipeline, gate);
    }
    gate.rule = rule;
    return gate;
  }
}
