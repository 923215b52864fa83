import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Config } from "../config/config.ts";
import type { Registry } from "../define/registry.ts";
import { ProcessEventBus } from "../engine/event_bus.ts";
import { expandConfig, referencesOf } from "../engine/expansion.ts";
import { SecretResolver } from "../engine/secrets.ts";
import { throwawayInstances } from "../engine/shared.ts";
import { ConfigErrors } from "../error/error.ts";
import { Logger, LoggerCore, type LogRecord } from "../log/logger.ts";
import { EgressPolicy } from "../net/egress.ts";
import { makePlan, type Plan } from "../plan/plan.ts";
import type { Frame } from "../port/frame.ts";
import { Generation } from "../runtime/generation.ts";
import { Journal } from "../service/journal/journal.ts";
import { SqliteStore } from "../service/store/sqlite_store.ts";
import { PrometheusMetrics } from "../service/telemetry/metrics.ts";
import { version } from "../version.ts";
import { NodeReader } from "./node_reader.ts";
import { reachesOutside } from "./outside.ts";
import { type StepPlace, StepRecorder } from "./recorder.ts";
import { StepIndex } from "./step_index.ts";
import type { ReplacedStep, TestCase } from "./test_case.ts";
import { VirtualClock } from "./virtual_clock.ts";
import { WorkTracker } from "./work_tracker.ts";

/** A configuration that runs for one test: without sockets, with its own time, journal and data directory. */
export interface TestSession extends AsyncDisposable {
  readonly generation: Generation;
  readonly journal: Journal;
  readonly clock: VirtualClock;
  readonly work: WorkTracker;
  readonly recorder: StepRecorder;
  readonly index: StepIndex;
  readonly records: readonly LogRecord[];
}

/** What a session is opened for. */
export interface SessionOptions {
  readonly test: TestCase;
  readonly config: Config;
  readonly registry: Registry;
  readonly onRun: (frame: Frame, pipeline: string) => void;
}

/** Time for a configuration to end after a test, in milliseconds. */
const closeMs = 2000;

/** Time for asking the providers of `${…}` values, in milliseconds. */
const secretsTimeoutMs = 30_000;

/** Builds and starts a configuration. Throws what is wrong with it, and names in the test that it does not have. */
export async function openSession({ test, config, registry, onRun }: SessionOptions): Promise<TestSession> {
  const directory = mkdtempSync(join(tmpdir(), "workflow-test-"));
  const records: LogRecord[] = [];
  const log = new Logger(new LoggerCore("info", [(record) => void records.push(record)]));
  const logs = { subscribe: () => () => undefined };
  const work = new WorkTracker();
  const clock = new VirtualClock(test.nowMs, work);
  const metrics = new PrometheusMetrics();
  const open = () => SqliteStore.openHere(":memory:");
  const journal = new Journal({ open, clock: clock.forJournal(), log, metrics });
  const uuid = countedUuids();
  let generation: Generation | undefined;
  let index: StepIndex | undefined;
  const recorder = new StepRecorder({
    clock,
    work,
    onRun,
    replacement: (place) => (index === undefined ? undefined : replacementOf(test, place, index)),
    refusal: (place, definition, settings) => {
      if (test.allowsEffects || generation === undefined) return undefined;
      return reachesOutside(definition, settings, generation) ? refusalText(place) : undefined;
    },
  });
  const close = async () => {
    await generation?.close(AbortSignal.timeout(closeMs));
    await journal.close();
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    const given = { registry: recorder.watched(registry), environment: test.environment, workDir: directory };
    const readFile = (path: string) => readFileSync(path, "utf8");
    const plan = await planOf(config, { ...given, readFile, templates: { clock, uuid } });
    index = new StepIndex(plan);
    checkNames(test, index);
    const events = new ProcessEventBus(log);
    const random = countedRandom();
    const facts = { dataDir: directory, version, isDevelopment: false, egress: egressOf(test) };
    generation = new Generation(
      plan,
      { log, clock, metrics, journal, events, logs, random, uuid, ...facts },
      throwawayInstances,
    );
    await generation.start();
    generation.open();
    const resumed = generation;
    await journal.connect({ resume: (run) => resumed.pipelineOf(run.run.pipeline, run.run.definition)?.resume(run) });
    clock.beginWork();
    return { generation, journal, clock, work, recorder, index, records, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

type PlanSettings = Parameters<typeof makePlan>[1];

async function planOf(config: Config, settings: PlanSettings): Promise<Plan> {
  const secrets = new SecretResolver(settings.registry.secretProviders, settings.environment);
  const { values } = await secrets.resolve(referencesOf(config), AbortSignal.timeout(secretsTimeoutMs));
  return makePlan(expandConfig(config, values), settings);
}

function checkNames(test: TestCase, index: StepIndex): void {
  const reader = new NodeReader();
  index.check(test, reader);
  if (reader.problems.errors.length > 0) throw new ConfigErrors(reader.problems.errors);
}

function replacementOf(test: TestCase, { pipeline, step }: StepPlace, index: StepIndex): ReplacedStep | undefined {
  const tested = index.testedBy(test);
  return test.steps.find(({ name }) =>
    index.find(name.text, tested).some((found) => found.pipeline === pipeline && found.step === step),
  );
}

function refusalText({ pipeline, step }: StepPlace): string {
  const advice = "replace it under `steps:` or set `allow_effects: true`";
  return `step "${step}" of pipeline "${pipeline}" reaches outside; ${advice}`;
}

/** What is not a step, such as a handler that passes requests on, cannot be replaced; it reaches nobody either. */
function egressOf({ allowsEffects }: TestCase): EgressPolicy {
  return new EgressPolicy(allowsEffects ? { allow: ["loopback", "private"] } : { deny: ["0.0.0.0/0", "::/0"] });
}

/** Identifiers that are the same in every run of a test. */
function countedUuids(): () => string {
  let count = 0;
  return () => `00000000-0000-4000-8000-${(++count).toString(16).padStart(12, "0")}`;
}

/** Numbers that are the same in every run of a test, by a linear congruential generator modulo 2^32. */
function countedRandom(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
