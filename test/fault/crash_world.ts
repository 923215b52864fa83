import { systemClock } from "../../src/time/clock.ts";
import { type AcceptedWork, audit, type AuditReport, committedCalls } from "./audit.ts";
import { type Addresses, type CrashServer, startCrashServer } from "./crash_server.ts";
import { type EffectService, startEffectService } from "./effects.ts";
import { countOpenRuns, integrityOf, type JournalContent, readJournal } from "./journal_file.ts";
import { type Scenario, workBody } from "./scenario.ts";

/** A piece of work and what its client knows of it. */
export interface Work extends AcceptedWork {
  isAccepted: boolean;
  isSignalled: boolean;
  /** Id of its run, once the server has told it. */
  run: string;
}

/** Longest time until all runs are finished, in milliseconds. */
const idleMs = 60_000;

/** Servers on one data directory that are killed one after the other, and a client who sends them work. */
export class CrashWorld implements AsyncDisposable {
  #crashes = 0;
  readonly #committed = new Map<string, number>();
  readonly #service: EffectService;
  readonly #works: Work[] = [];
  #server: CrashServer | undefined;

  private constructor(service: EffectService) {
    this.#service = service;
  }

  static async open(): Promise<CrashWorld> {
    return new CrashWorld(await startEffectService());
  }

  get service(): EffectService {
    return this.#service;
  }

  /** Work that the server has not answered yet. */
  unanswered(): readonly Work[] {
    return this.#works.filter((work) => !isAnswered(work));
  }

  start(faultPoint?: string): CrashServer {
    const { directory, url } = this.#service;
    const server = startCrashServer({ directory, effects: url, faultPoint });
    this.#server = server;
    return server;
  }

  /** New work, to be sent. */
  add(scenario: Scenario, name: string): Work {
    const work = { work: name, scenario, isAccepted: false, isSignalled: false, run: "" };
    this.#works.push(work);
    return work;
  }

  /** Notes what the server that has just died left behind. */
  note(): JournalContent {
    this.#crashes++;
    const journal = readJournal(this.#service.directory);
    for (const [key, count] of committedCalls(journal, this.#service.effects())) {
      if (!this.#committed.has(key)) this.#committed.set(key, count);
    }
    const signalled = new Set(journal.signalled);
    const runs = new Map(journal.runs.map(({ work, pipeline, id }) => [`${pipeline} ${work}`, id]));
    for (const work of this.#works) {
      work.run = runs.get(`${work.scenario.name} ${work.work}`) ?? work.run;
      // What was committed need not be sent again.
      work.isSignalled ||= signalled.has(work.run);
    }
    return journal;
  }

  /** Sends all work that was not answered yet, as a client does who repeats what failed. */
  async sendAll(addresses: Addresses): Promise<void> {
    for (const work of this.unanswered()) await this.send(work, addresses);
  }

  /** Sends one piece of work, and its signal; what the server does not answer stays to be sent. */
  async send(work: Work, { url, management }: Addresses): Promise<void> {
    const { scenario } = work;
    if (!work.isAccepted) {
      const headers = { "content-type": "application/json", "idempotency-key": work.work };
      const init = { method: "POST", headers, body: workBody(work.work) };
      const answer = await answerOf(`${url}/${scenario.name}`, init);
      work.isAccepted = answer?.ok === true;
      work.run = answer?.location ?? work.run;
    }
    if (scenario.signal === undefined || work.isSignalled || work.run === "") return;
    const path = `${management}/api/v1/executions/${work.run}/signals/${scenario.signal}`;
    const answer = await answerOf(path, {
      method: "POST",
      body: "{}",
      headers: { "content-type": "application/json" },
    });
    // 404: the run was not committed; 409: it is over.
    work.isSignalled = answer?.ok === true || answer?.status === 409;
  }

  /** Resolves when the running server has no run left; looks whenever it prints a line. */
  async idle(server: CrashServer, limitMs = idleMs): Promise<void> {
    const limit = new AbortController();
    const late = systemClock.sleep(limitMs, limit.signal).then(
      () => true,
      () => true,
    );
    try {
      for (;;) {
        const printed = server.printed().then(() => false);
        if (countOpenRuns(this.#service.directory) === 0) return;
        const isOver = server.isEnded || (await Promise.race([printed, late]));
        if (isOver) throw new Error(`runs are left over:\n${server.log}`);
      }
    } finally {
      limit.abort();
    }
  }

  /** Kills the running server and compares what was promised with what was done. */
  async finish(): Promise<AuditReport> {
    await this.#server?.kill();
    const journal = readJournal(this.#service.directory);
    const known = new Set(journal.runs.map(({ work, pipeline }) => `${pipeline} ${work}`));
    const accepted = this.#works.filter(
      ({ isAccepted, work, scenario }) => isAccepted || known.has(`${scenario.name} ${work}`),
    );
    const integrity = integrityOf(this.#service.directory);
    const effects = this.#service.effects();
    return audit(accepted, journal, { effects, committed: this.#committed, crashes: this.#crashes, integrity });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.kill();
    await this.#service[Symbol.asyncDispose]();
  }
}

function isAnswered({ isAccepted, isSignalled, scenario }: Work): boolean {
  return isAccepted && (isSignalled || scenario.signal === undefined);
}

interface Answer {
  readonly ok: boolean;
  readonly status: number;
  readonly location: string | undefined;
}

/** The answer, or nothing when the server died before it gave one. */
async function answerOf(url: string, init: RequestInit): Promise<Answer | undefined> {
  try {
    const response = await fetch(url, init);
    await response.arrayBuffer();
    const location = response.headers.get("location")?.split("/").at(-1);
    return { ok: response.ok, status: response.status, location };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return undefined;
  }
}
