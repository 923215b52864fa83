import { root } from "./repository.ts";
import { formatSummary, readSummary, type Summary } from "./summary.ts";

/** The end of the output is kept to read the counts from; the summary is far shorter. */
const tailCharsMax = 64 * 1024;

/**
 * Runs `bun test` with arguments, shows its output, ends with one line `N passed, N failed, N skipped` and answers
 * the exit code: 1 when a test failed, when the run broke off, or when a test was skipped while `CI` is set.
 */
export async function runTests(args: readonly string[]): Promise<number> {
  const isTerminal = process.stderr.isTTY;
  const child = Bun.spawn([process.execPath, "test", ...args], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    env: isTerminal ? { ...process.env, FORCE_COLOR: "1" } : process.env,
  });
  const [, tail, code] = await Promise.all([
    forward(child.stdout, process.stdout),
    forward(child.stderr, process.stderr),
    child.exited,
  ]);
  const summary = judge(readSummary(tail), code);
  const isCi = !["", "0", "false"].includes(process.env["CI"] ?? "");
  if (summary.skipped > 0 && isCi) console.error("\nskipped tests are failures when CI is set");
  console.log(`\n${formatSummary(summary)}`);
  return summary.failed > 0 || (summary.skipped > 0 && isCi) ? 1 : 0;
}

/** A run that broke off, or that failed outside its tests, has failed even if no test did. */
function judge(summary: Summary | undefined, code: number): Summary {
  if (summary === undefined) {
    console.error(`\nbun test broke off with exit code ${code}`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
  if (code === 0 || summary.failed > 0) return summary;
  console.error(`\nbun test ended with exit code ${code}: an error outside the tests`);
  return { ...summary, failed: 1 };
}

async function forward(from: ReadableStream<Uint8Array>, to: NodeJS.WriteStream): Promise<string> {
  const decoder = new TextDecoder();
  let tail = "";
  for await (const chunk of from) {
    to.write(chunk);
    tail = (tail + decoder.decode(chunk, { stream: true })).slice(-tailCharsMax);
  }
  return tail;
}
