import type { scenarios } from "./scenario.ts";

/** A scenario, and where each server in turn is killed: `name` or `name:passage`. The one after the last lives. */
export type CrashCase = readonly [scenario: keyof typeof scenarios, ...points: readonly string[]];

/** Places that every durable run passes, tried on each kind of pipeline. */
const everywhere = [
  "journal.before_commit:2",
  "journal.after_commit:2",
  "store.in_commit:2",
  "run.before_step:2",
  "run.after_step:1",
  "run.before_end:1",
  "run.after_end:1",
];

const kinds = ["writes", "strict", "request", "saga", "loop", "nap", "approval", "call", "letter"] as const;

/** More of these places, and more passages, tried on the plainest pipeline. */
const plain = [
  "journal.before_commit:1",
  "journal.before_commit:3",
  "journal.before_commit:4",
  "journal.after_commit:1",
  "journal.after_commit:3",
  "store.before_commit:2",
  "store.before_commit:4",
  "store.in_commit:3",
  "store.in_commit:4",
  "store.after_commit:2",
  "store.after_commit:4",
  "run.before_step:1",
  "run.after_step:3",
];

/** Places between the start of a server and the first step that it goes on with. */
const resuming = [
  "journal.before_recover",
  "journal.after_recover",
  "journal.before_claim",
  "journal.after_claim",
  "journal.before_resume",
  "run.before_resumed_step",
  "run.before_step",
  "run.after_step",
];

/** All crashes that are tried one by one. */
export const crashTable: readonly CrashCase[] = [
  ...kinds.flatMap((kind) => everywhere.map((point): CrashCase => [kind, point])),
  ...plain.map((point): CrashCase => ["writes", point]),
  ...resuming.map((point): CrashCase => ["writes", "run.after_step:3", point]),
  ...resuming.slice(2).map((point): CrashCase => ["nap", "run.after_park", point]),
  ["writes", "store.before_migration"],
  ["writes", "store.in_migration"],
  ["writes", "store.after_migration"],
  ["writes", "run.after_step:1", "run.after_step:1", "run.after_step:1"],
  ["loop", "journal.before_item:1"],
  ["loop", "journal.before_item:4"],
  ["loop", "journal.after_item:1"],
  ["loop", "journal.after_item:4"],
  ["loop", "journal.before_item:2", "journal.after_item:2"],
  ["nap", "run.before_wait"],
  ["nap", "run.after_wait"],
  ["nap", "run.before_park"],
  ["nap", "run.after_park"],
  ["approval", "run.before_park"],
  ["approval", "run.after_park"],
  ["approval", "journal.before_change"],
  ["approval", "journal.after_change"],
  ["approval", "journal.after_signal_claim"],
  ["approval", "journal.after_signal_claim", "journal.after_claim"],
  ["approval", "journal.after_signal_claim", "run.before_step:1"],
  ["saga", "run.before_compensation_step:1"],
  ["saga", "run.before_compensation_step:2"],
  ["saga", "run.after_compensation_step:1"],
  ["saga", "run.after_compensation_step:2"],
  ["saga", "run.after_compensation_step:1", "run.after_compensation_step:1"],
  ["saga", "run.after_compensation_step:1", "run.before_end"],
  // More ends of processes than a run may cause, but each process did a step of it.
  ["march", ...Array.from({ length: 11 }, () => "run.after_step:2")],
  ["call", "journal.before_commit:4"],
  ["call", "journal.after_commit:4"],
  ["call", "run.after_step:2"],
  ["call", "run.after_step:3"],
  ["call", "run.before_end:2"],
  ["call", "run.after_end:1", "run.after_end:1"],
];

/** Places passed when runs that are not durable are recorded: nothing is promised of them but a whole file. */
export const recordingPoints = ["background.before_commit", "background.after_commit"] as const;
