import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

const main = resolve(import.meta.dir, "../../src/main.ts");

/** How a process is started. */
export interface ProcessOptions {
  /** Files in its working directory, by relative name. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly environment?: Readonly<Record<string, string>>;
}

/** What a finished process left behind. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The real program in a process and a directory of its own. Ended, however it stands, by `await using`. */
export interface RunningProcess extends AsyncDisposable {
  readonly directory: string;
  /** Resolves with the match as soon as the standard output holds it; rejects when the process ends without it. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  /** Number of lines on the standard output that match. */
  count(pattern: RegExp): number;
  write(name: string, text: string): void;
  signal(name: "SIGTERM" | "SIGINT"): void;
  readonly ended: Promise<Outcome>;
}

/** Starts the program with arguments. */
export function startProcess(args: readonly string[], options: ProcessOptions = {}): RunningProcess {
  const directory = mkdtempSync(join(tmpdir(), "workflow-process-"));
  const write = (name: string, text: string | Uint8Array) => {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  };
  for (const [name, text] of Object.entries(options.files ?? {})) write(name, text);
  const child = Bun.spawn([process.execPath, main, ...args], {
    cwd: directory,
    env: { PATH: "/usr/bin:/bin", ...options.environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = new Output();
  const finished = Promise.all([output.read(child.stdout), new Response(child.stderr).text(), child.exited]);
  const ended = finished.then(([, stderr, code]): Outcome => ({ code, stdout: output.text, stderr }));
  return {
    directory,
    printed: (pattern) =>
      Promise.race([output.match(pattern), ended.then((outcome) => output.missed(pattern, outcome))]),
    count: (pattern) => output.text.split("\n").filter((line) => pattern.test(line)).length,
    write,
    signal: (name) => child.kill(name),
    ended,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Runs the program to its end. */
export async function runProcess(args: readonly string[], options: ProcessOptions = {}): Promise<Outcome> {
  await using running = startProcess(args, options);
  return await running.ended;
}

class Output {
  text = "";
  #changed: () => void = () => {};

  async read(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      this.text += decoder.decode(chunk, { stream: true });
      this.#changed();
    }
  }

  match(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((found) => {
      const before = this.#changed;
      const look = () => {
        before();
        const match = pattern.exec(this.text);
        if (match !== null) found(match);
      };
      this.#changed = look;
      look();
    });
  }

  /** The last lines can come together with the end. */
  missed(pattern: RegExp, { code, stderr }: Outcome): RegExpExecArray {
    const match = pattern.exec(this.text);
    if (match !== null) return match;
    throw new Error(`the process ended with ${code} and never printed ${String(pattern)}:\n${this.text}${stderr}`);
  }
}

/** A configuration with a server on any port and `GET /hello`; `more` stands beside the modules. */
export function helloYaml(address = "127.0.0.1:0", more = ""): string {
  return `modules:
  - name: server
    type: http.server
    config: { address: "${address}" }
  - name: router
    type: http.router
    dependsOn: [server]
  - name: hello
    type: http.handler
    dependsOn: [router]
workflows:
  http:
    routes:
      - { method: GET, path: /hello, handler: hello }
${more}`;
}

/** A started server and where it listens. */
export interface ServerProcess extends RunningProcess {
  readonly engineUrl: string;
  readonly managementUrl: string;
}

/** Starts `workflow.yaml` with the management API on a free port and waits until it is up. */
export async function startServerProcess(
  yaml: string,
  args: readonly string[] = [],
  options: ProcessOptions = {},
): Promise<ServerProcess> {
  const files = { ...options.files, "workflow.yaml": yaml };
  const started = startProcess(["-config", "workflow.yaml", "-mgmt-addr", "127.0.0.1:0", ...args], {
    ...options,
    files,
  });
  try {
    const [, management = ""] = await started.printed(/Admin UI on http:\/\/localhost:(\d+)/);
    const [, engine = ""] = await started.printed(/Workflow engine on [^"\n]*:(\d+)/);
    const urls = { engineUrl: `http://127.0.0.1:${engine}`, managementUrl: `http://127.0.0.1:${management}` };
    return { ...started, ...urls };
  } catch (error) {
    await started[Symbol.asyncDispose]();
    throw error;
  }
}

/** A port that was free a moment ago. */
export function freePort(): number {
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("") });
  const { port } = server;
  void server.stop(true);
  return port ?? 0;
}
