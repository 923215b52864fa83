import { messageOf, WorkflowError } from "../../error/error.ts";

/** Characters of a command's output that are kept, from its end, where builds say what went wrong. */
const outputMax = 256 * 1024;

/** What a command needs beside its text. */
export interface CommandOptions {
  readonly directory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

/**
 * Runs a command with `sh -c` and gives what it printed. Throws `step.failed` with the output when it ends with another
 * status than 0; ends it, with everything it started, when the signal aborts.
 */
export async function runCommand(command: string, { directory, environment, signal }: CommandOptions): Promise<string> {
  signal.throwIfAborted();
  const child = spawnShell(command, directory, environment);
  const kill = (): void => killGroup(child.pid);
  signal.addEventListener("abort", kill, { once: true });
  try {
    const [stdout, stderr, status] = await Promise.all([tailOf(child.stdout), tailOf(child.stderr), child.exited]);
    signal.throwIfAborted();
    const output = stdout + stderr;
    if (status === 0) return output;
    throw new WorkflowError(
      "step.failed",
      `command ${JSON.stringify(command)} failed: exit status ${status}\nOutput: ${output}`,
    );
  } finally {
    signal.removeEventListener("abort", kill);
  }
}

function spawnShell(command: string, directory: string, environment: CommandOptions["environment"]) {
  try {
    return Bun.spawn(["/bin/sh", "-c", command], {
      cwd: directory,
      env: environment,
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
      // A group of its own, so that ending the shell also ends what it started.
      detached: true,
    });
  } catch (cause) {
    const hint = "the command needs a shell; the minimal container image has none";
    throw new WorkflowError("step.failed", `command ${JSON.stringify(command)} failed: ${messageOf(cause)}`, {
      cause,
      hint,
    });
  }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    // The command ended at the same moment: there is nothing left to end.
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

async function tailOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let tail = "";
  for await (const chunk of stream) tail = (tail + decoder.decode(chunk, { stream: true })).slice(-outputMax);
  return tail;
}
