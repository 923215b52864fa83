import { Database } from "bun:sqlite";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../../src/time/clock.ts";
import { executablePath } from "../executable.ts";
import { freePort } from "./server.ts";

/** The built executable with the durable pipelines, in a process of its own. */
export interface DurableServer {
  readonly url: string;
  /** Epoch milliseconds just before the process began. */
  readonly startedAt: number;
  /** From the start of the process until `/readyz` answers 200. */
  readonly readyInMs: number;
  /** Resident memory in megabytes, now and at its highest. */
  memory(): { readonly nowMb: number; readonly peakMb: number };
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the executable on a data directory and waits until it is ready. */
export async function startDurable(dataDirectory: string): Promise<DurableServer> {
  const port = freePort();
  const config = join(import.meta.dir, "program/durable.yaml");
  const addresses = ["-addr", `127.0.0.1:${port}`, "-mgmt-addr", "127.0.0.1:0"];
  const startedAt = Date.now();
  const child = Bun.spawn([executablePath, "-config", config, "-data-dir", dataDirectory, ...addresses], {
    stdout: Bun.file("/dev/null"),
    stderr: "inherit",
  });
  const url = `http://127.0.0.1:${port}`;
  await answering(`${url}/readyz`, child);
  const end = async (signal: "SIGKILL" | "SIGTERM") => {
    child.kill(signal);
    await child.exited;
  };
  return {
    url,
    startedAt,
    readyInMs: Date.now() - startedAt,
    memory: () => memoryOf(child.pid),
    kill: () => end("SIGKILL"),
    stop: () => end("SIGTERM"),
  };
}

async function answering(url: string, child: Bun.Subprocess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the server ended with exit code ${child.exitCode}`);
    try {
      if ((await fetch(url)).ok) return;
    } catch (error) {
      if (!(error instanceof Error)) throw error;
    }
    await pause(2);
  }
}

/** Waits for a number of milliseconds. */
export function pause(ms: number): Promise<void> {
  return systemClock.sleep(ms, new AbortController().signal);
}

function memoryOf(pid: number): { readonly nowMb: number; readonly peakMb: number } {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const megabytes = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0) / 1024;
  return { nowMb: megabytes("VmRSS"), peakMb: megabytes("VmHWM") };
}

/** Asks the journal of a server, which may be running. */
export function askJournal<T>(dataDirectory: string, sql: string, ...values: readonly (string | number)[]): T[] {
  using database = new Database(join(dataDirectory, "workflow.db"), { readonly: true });
  database.run("pragma busy_timeout = 10000");
  return database.query<T, (string | number)[]>(sql).all(...values);
}

/** One number of a journal: the first column of the first row must be named `n`. */
export function countIn(dataDirectory: string, sql: string, ...values: readonly (string | number)[]): number {
  return askJournal<{ readonly n: number | null }>(dataDirectory, sql, ...values)[0]?.n ?? 0;
}

/** Waits until a number in the journal is reached; throws when it takes longer than `withinMs`. */
export async function whenCounted(
  dataDirectory: string,
  { sql, wanted, withinMs }: { readonly sql: string; readonly wanted: number; readonly withinMs: number },
): Promise<void> {
  const end = Date.now() + withinMs;
  for (;;) {
    const found = countIn(dataDirectory, sql);
    if (found === wanted) return;
    if (Date.now() > end) throw new Error(`after ${withinMs} ms, ${found} instead of ${wanted}: ${sql}`);
    await pause(100);
  }
}

/** Sends `count` requests with a body each, 64 at a time; all must be accepted. */
export async function postAll(url: string, count: number, bodyOf: (index: number) => unknown): Promise<void> {
  let next = 0;
  const send = async () => {
    for (let index = next++; index < count; index = next++) {
      const answer = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(bodyOf(index)),
      });
      const text = await answer.text();
      if (answer.status !== 202) throw new Error(`${url} answered ${answer.status}: ${text}`);
    }
  };
  await Promise.all(Array.from({ length: 64 }, send));
}
