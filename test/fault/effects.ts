import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What a step has done, as the service saw it. */
export interface Effect {
  /** Names the request that the run was started by. */
  readonly work: string;
  readonly step: string;
  /** `Idempotency-Key` of the call. */
  readonly key: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** A running effect service with its directory, ended and removed by `await using`. */
export interface EffectService extends AsyncDisposable {
  readonly url: string;
  /** For the servers under test, and gone with the service. */
  readonly directory: string;
  /** Everything done so far, in order. */
  effects(): readonly Effect[];
  /** Answers the calls that are held. */
  release(): Promise<void>;
}

/** Starts the service in a process of its own. */
export async function startEffectService(): Promise<EffectService> {
  const directory = mkdtempSync(join(tmpdir(), "workflow-crash-"));
  const file = join(directory, "effects.jsonl");
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "effect_server.ts"), file], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const url = `http://127.0.0.1:${await portOf(child.stdout)}`;
  return {
    url,
    directory,
    effects: () => readFileSync(file, "utf8").split("\n").filter(Boolean).map(toEffect),
    release: async () => void (await (await fetch(`${url}/release`)).text()),
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.exited;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function portOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) {
    text += decoder.decode(chunk, { stream: true });
    const [, port] = /port (\d+)\n/.exec(text) ?? [];
    if (port !== undefined) return port;
  }
  throw new Error(`the effect service did not start: ${text}`);
}

function toEffect(line: string): Effect {
  const { work, step, key, at }: Effect = JSON.parse(line);
  return { work, step, key, at };
}
