import { readFileSync } from "node:fs";
import { systemClock } from "../../src/time/clock.ts";

/** A server under test, in a process of its own. */
export interface ServerUnderTest {
  readonly name: string;
  readonly port: number;
  /** Resident memory in megabytes. */
  residentMb(): number;
  stop(): Promise<void>;
}

/** The first free port of the loopback interface. */
export function freePort(): number {
  const probe = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() });
  const { port } = probe;
  void probe.stop(true);
  return port ?? 0;
}

/** Starts a command and waits until `path` answers 200. */
export async function startServer(
  name: string,
  command: readonly string[],
  options: { readonly port: number; readonly path: string; readonly environment?: Readonly<Record<string, string>> },
): Promise<ServerUnderTest & { readonly startedInMs: number }> {
  const before = performance.now();
  const child = Bun.spawn([...command], {
    stdout: Bun.file("/dev/null"),
    stderr: "inherit",
    env: { ...process.env, ...options.environment },
  });
  await answering(`http://127.0.0.1:${options.port}${options.path}`, child);
  return {
    name,
    port: options.port,
    startedInMs: performance.now() - before,
    residentMb: () => residentMb(child.pid),
    async stop() {
      child.kill("SIGTERM");
      await child.exited;
    },
  };
}

async function answering(url: string, child: Bun.Subprocess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the server ended with exit code ${child.exitCode}`);
    try {
      const answer = await fetch(url);
      if (answer.ok) return;
    } catch (error) {
      if (!(error instanceof Error)) throw error;
    }
    await systemClock.sleep(1, new AbortController().signal);
  }
}

function residentMb(pid: number): number {
  const kb = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Math.round(Number(kb ?? 0) / 102.4) / 10;
}
