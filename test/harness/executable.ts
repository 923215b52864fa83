import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { buildExecutable, executablePath } from "../../script/executable.ts";

/** Time that building the executable may take, for `beforeAll`. */
export const buildTimeoutMs = 120_000;

/** How the executable is run. */
export interface ExecutableOptions {
  /** Files in its working directory, by relative name. */
  readonly files?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
  /** Working directory; a new empty one without. */
  readonly directory?: string;
}

/** What a command left behind. */
export interface CommandOutcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The built executable in a process of its own. Ended, however it stands, by `await using`. */
export interface RunningExecutable extends AsyncDisposable {
  /** Everything that was logged so far. */
  readonly log: string;
  /** Resolves with the match as soon as the log holds the pattern; rejects when the process ends without it. */
  logged(pattern: RegExp): Promise<RegExpExecArray>;
  /**
   * Runs a shell command in the working directory; `curl` prints the body, a blank and the status. Times are given as
   * TIME and random ids as ID.
   */
  shell(command: string): Promise<string>;
}

/** Starts the executable with arguments. Resolves when the process is there, not when it is ready. */
export async function startExecutable(
  args: readonly string[],
  options: ExecutableOptions = {},
): Promise<RunningExecutable> {
  await buildExecutable();
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), "workflow-executable-"));
  writeFiles(directory, options);
  const child = spawn([executablePath, ...args], directory, options.environment);
  const log = new ProcessLog();
  const ended = Promise.all([log.read(child.stdout), log.read(child.stderr), child.exited]);
  return {
    get log() {
      return log.text;
    },
    logged: (pattern) => log.found(pattern, ended),
    shell: (command) => runShell(command, directory),
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
      if (options.directory === undefined) rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Runs the executable to its end. */
export async function runExecutable(args: readonly string[], options: ExecutableOptions = {}): Promise<CommandOutcome> {
  await buildExecutable();
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), "workflow-executable-"));
  writeFiles(directory, options);
  try {
    return await outcomeOf(spawn([executablePath, ...args], directory, options.environment));
  } finally {
    if (options.directory === undefined) rmSync(directory, { recursive: true, force: true });
  }
}

function writeFiles(directory: string, { files = {} }: ExecutableOptions): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
}

function spawn(command: string[], cwd: string, environment: Readonly<Record<string, string>> = {}) {
  const env = { PATH: "/usr/local/bin:/usr/bin:/bin", ...environment };
  return Bun.spawn(command, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
}

async function outcomeOf(child: ReturnType<typeof spawn>): Promise<CommandOutcome> {
  const streams = [new Response(child.stdout).text(), new Response(child.stderr).text()] as const;
  const [stdout, stderr, code] = await Promise.all([...streams, child.exited]);
  return { code, stdout, stderr };
}

async function runShell(command: string, directory: string): Promise<string> {
  const curl = "curl() { command curl -sS --max-time 10 -w ' %{http_code}\\n' \"$@\"; }";
  const { stdout, stderr } = await outcomeOf(spawn(["bash", "-c", `${curl}\n${command}`], directory));
  // Answers end with a line break, or not; the status follows the last character of either.
  const text = (stdout + stderr).replaceAll("\r", "").replaceAll(/\n (\d{3})\n/g, " $1\n");
  return text.replaceAll(randomId, "ID").replaceAll(timestamp, "TIME").trim();
}

const randomId = /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/g;
const timestamp = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)/g;

/** What a process prints. */
class ProcessLog {
  text = "";
  readonly #waiting = new Set<() => void>();

  async read(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      this.text += decoder.decode(chunk, { stream: true });
      for (const look of this.#waiting) look();
    }
  }

  found(pattern: RegExp, ended: Promise<unknown>): Promise<RegExpExecArray> {
    const match = new Promise<RegExpExecArray>((resolve) => {
      const look = () => {
        const result = pattern.exec(this.text);
        if (result === null) return;
        this.#waiting.delete(look);
        resolve(result);
      };
      this.#waiting.add(look);
      look();
    });
    const missed = ended.then((): never => {
      throw new Error(`the process ended and never printed ${String(pattern)}:\n${this.text}`);
    });
    return Promise.race([match, missed]);
  }
}
