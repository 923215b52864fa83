import { WorkflowError } from "../error/error.ts";
import type { RunRow, RunStatus } from "../service/journal/run_row.ts";
import { encodeValue } from "../service/journal/payload.ts";
import { systemClock } from "../time/clock.ts";
import { formatDuration } from "../time/duration.ts";
import type { TestSession } from "./session.ts";
import type { PlacedName, TestCase, TestSignal } from "./test_case.ts";

/** Real time between two looks at work that waits for something real, in milliseconds. */
const lookMs = 1;

/** Runs of one status that are looked at. */
const rowsMax = 100;

const unfinished: readonly RunStatus[] = ["running", "queued", "waiting"];

/** What has been started, and whether it is over. */
export interface Progress {
  readonly isStarted: () => boolean;
  readonly isEnded: () => boolean;
  readonly runId: () => string | undefined;
}

/**
 * Lets a test go on until nothing is left to do. When everything waits for the clock, time jumps to what comes next;
 * while a step waits for something real, time passes as usual. Gives the signals that no run has waited for. Rejects
 * when that takes too much real time.
 */
export async function drive(session: TestSession, test: TestCase, progress: Progress): Promise<readonly PlacedName[]> {
  const { clock, work, journal } = session;
  const beganAt = systemClock.monotonic();
  const signals = test.signals.map((signal) => ({ signal, atMs: dueAt(signal, test) }));
  for (let lookedAt = beganAt; ; lookedAt = systemClock.monotonic()) {
    await work.quiet();
    if (systemClock.monotonic() - beganAt > test.timeLimitMs) throw tooLong(test);
    if (clock.fireDue()) continue;
    const isReal = work.isBusy || (!progress.isEnded() && !progress.isStarted());
    if (isReal) {
      await systemClock.sleep(lookMs, new AbortController().signal);
      clock.moveTo(clock.now() + systemClock.monotonic() - lookedAt);
      continue;
    }
    const runs = (await Promise.all(unfinished.map((status) => journal.list({ status, limit: rowsMax })))).flat();
    if (await sendDue(signals, runs, { session, runId: progress.runId() })) continue;
    if (progress.isEnded() && !runs.some(goesOn) && !signals.some(({ atMs }) => atMs !== undefined)) {
      return signals.map(({ signal }) => signal.name);
    }
    const next = earliest([
      clock.nextDue(),
      ...runs.map(({ status, wakeAt }) => (status === "waiting" ? wakeAt : undefined)),
      ...signals.map(({ atMs }) => atMs),
    ]);
    if (next !== undefined) clock.moveTo(next);
    else await systemClock.sleep(lookMs, new AbortController().signal);
  }
}

/** A run that waits for a signal alone stays where it is when the test sends none. */
function goesOn({ status, wakeAt }: RunRow): boolean {
  return status !== "waiting" || wakeAt !== undefined;
}

interface PendingSignal {
  readonly signal: TestSignal;
  readonly atMs: number | undefined;
}

function dueAt({ afterMs }: TestSignal, { nowMs }: TestCase): number | undefined {
  return afterMs === undefined ? undefined : nowMs + afterMs;
}

/** Sends the first signal whose time has come, or that a run waits for; whether there was one. */
async function sendDue(
  signals: PendingSignal[],
  runs: readonly RunRow[],
  { session, runId }: { readonly session: TestSession; readonly runId: string | undefined },
): Promise<boolean> {
  const { clock, journal } = session;
  for (const [index, { signal, atMs }] of signals.entries()) {
    const waiting = runs.find((run) => run.status === "waiting" && run.waitSignal === signal.name.text);
    const isDue = atMs === undefined ? waiting !== undefined : atMs <= clock.now();
    const id = waiting?.id ?? runId;
    if (!isDue) continue;
    signals.splice(index, 1);
    // Without a run there is nobody to hear it, as for one that comes when its run has ended.
    if (id !== undefined) await send(signal, id, journal);
    return true;
  }
  return false;
}

async function send({ name, payload }: TestSignal, id: string, journal: TestSession["journal"]): Promise<void> {
  try {
    await journal.signal(id, { id: Bun.randomUUIDv7(), name: name.text, payload: encodeValue(payload) });
  } catch (error) {
    if (!(error instanceof WorkflowError) || error.code !== "run.finished") throw error;
  }
}

function earliest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

function tooLong({ timeLimitMs, at }: TestCase): WorkflowError {
  const text = `the test did not end within ${formatDuration(timeLimitMs)}`;
  const hint = "replace steps that wait for something real, or allow more time with `timeout`";
  return new WorkflowError("test.refused", text, { at: [at], hint });
}
