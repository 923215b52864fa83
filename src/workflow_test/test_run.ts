import type { Config } from "../config/config.ts";
import type { Registry } from "../define/registry.ts";
import { messageOf } from "../error/error.ts";
import type { Frame } from "../port/frame.ts";
import type { RunRow } from "../service/journal/run_row.ts";
import { asJson } from "./compare.ts";
import { drive } from "./drive.ts";
import type { Observation } from "./observation.ts";
import { openSession, type TestSession } from "./session.ts";
import { start, type Started } from "./start.ts";
import type { TestCase } from "./test_case.ts";

/** What comes to be known of a test while it runs. */
interface Knowledge {
  /** Of the run that the test is about: the first one that executes a step. */
  frame: Frame | undefined;
  pipeline: string | undefined;
  started: Started | undefined;
  /** The end of a durable run, also across its waits. */
  ended: Started | undefined;
}

/** Runs one test. Throws what keeps it from being run, such as a configuration that is not sound. */
export async function observe(test: TestCase, config: Config, registry: Registry): Promise<Observation> {
  const known: Knowledge = { frame: undefined, pipeline: undefined, started: undefined, ended: undefined };
  const journal: { opened?: TestSession["journal"] } = {};
  const onRun = (frame: Frame, pipeline: string) => {
    if (known.frame !== undefined) return;
    known.frame = frame;
    known.pipeline = pipeline;
    if (!frame.isDurable) return;
    void journal.opened?.whenEnded(frame.runId).then(
      (values) => (known.ended = { values }),
      (error: unknown) => (known.ended = { error }),
    );
  };
  await using session = await openSession({ test, config, registry, onRun });
  journal.opened = session.journal;
  let failure: unknown;
  let isEnded = false;
  const running = start(test, session).then(
    (started) => (known.started = started),
    (error: unknown) => (failure = error ?? "failed"),
  );
  void running.finally(() => (isEnded = true));
  const unheard = await drive(session, test, {
    isEnded: () => isEnded,
    isStarted: () => known.frame !== undefined,
    runId: () => known.frame?.runId,
  });
  if (failure !== undefined) throw failure;
  return observationOf(session, test, { ...known, unheard });
}

async function observationOf(
  session: TestSession,
  test: TestCase,
  known: Knowledge & Pick<Observation, "unheard">,
): Promise<Observation> {
  const { recorder, index, records } = session;
  const row = await rowOf(session, known);
  const { started = {}, ended, frame } = known;
  const end = ended ?? started;
  const pipeline = index.testedBy(test) ?? known.pipeline ?? row?.pipeline;
  const error = end.error === undefined ? row?.error : messageOf(end.error);
  const values = end.values ?? (row?.status === "completed" ? frame?.current : undefined);
  const plain = error === undefined ? "completed" : "failed";
  return {
    pipeline,
    status: pipeline === undefined ? undefined : (row?.status ?? plain),
    error,
    result: asJson(values ?? frame?.current),
    response: started.response,
    calls: recorder.calls,
    runIds: [...recorder.runIds],
    log: records.map(({ message }) => message),
    refusals: [...recorder.refusals],
    unheard: known.unheard,
    steps: index.steps,
    find: (name) => index.find(name, pipeline),
  };
}

/** The tested run in the journal. A run without any executed step is the first one of all. */
async function rowOf({ journal }: TestSession, { frame }: Knowledge): Promise<RunRow | undefined> {
  const runs = await journal.list({ limit: runsMax });
  return frame === undefined
    ? runs.at(-1)
    : (runs.find(({ id }) => id === frame.runId) ?? (await journal.find(frame.runId)));
}

/** Runs of one test that are looked through. */
const runsMax = 500;
