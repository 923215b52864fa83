/** Work that is sent to the server, and what must have come of it in the end. */
export interface Scenario {
  /** Name of its pipeline in `crash.yaml`, and path of its trigger. */
  readonly name: string;
  /** How its run ends. */
  readonly end: "completed" | "failed";
  /** Calls that the run makes. */
  readonly effects: readonly string[];
  /** Signal that the run waits for. */
  readonly signal?: string;
  /** Calls that may be under way in one run at once, and are then made again. */
  readonly inFlight: number;
}

/** Items of the loops. */
const items = ["0", "1", "2", "3", "4", "5"];

/** Steps of the longest pipeline: more of them than processes that may end during one step. */
const places = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];

/** What crashes are tried on. */
export const scenarios = {
  writes: { name: "writes", end: "completed", effects: ["one", "two", "three"], inFlight: 1 },
  strict: { name: "strict", end: "completed", effects: ["one", "two"], inFlight: 1 },
  request: { name: "request", end: "completed", effects: ["one", "two", "three"], inFlight: 1 },
  saga: { name: "saga", end: "failed", effects: ["reserve", "charge", "refund", "cancel"], inFlight: 1 },
  loop: { name: "loop", end: "completed", effects: [...items.map((item) => `each/${item}`), "last"], inFlight: 6 },
  nap: { name: "nap", end: "completed", effects: ["one", "two", "three"], inFlight: 1 },
  approval: { name: "approval", end: "completed", effects: ["ask", "tell"], signal: "approve", inFlight: 1 },
  call: { name: "call", end: "completed", effects: ["one", "inner", "outer", "two"], inFlight: 1 },
  march: { name: "march", end: "completed", effects: places, inFlight: 1 },
  letter: { name: "letter", end: "failed", effects: ["one"], inFlight: 1 },
} as const satisfies Readonly<Record<string, Scenario>>;

/** What is in flight in great number: runs that sleep, and runs whose second call is answered after the crash. */
export const crowd = {
  sleeper: { name: "sleeper", end: "completed", effects: ["one", "two"], inFlight: 1 },
  caller: { name: "caller", end: "completed", effects: ["one", "two", "three"], inFlight: 1 },
} as const satisfies Readonly<Record<string, Scenario>>;

/** The body of the request that starts a scenario. */
export function workBody(work: string): string {
  return JSON.stringify({ work, items });
}
