import { WorkflowError } from "../error/error.ts";
import { formatFailure } from "../error/format.ts";
import { lineFormatter, Logger, LoggerCore } from "../log/logger.ts";
import { LineOutput } from "../log/output.ts";
import { checkFlags, logSettings } from "./flag_check.ts";
import type { Settings } from "./settings.ts";
import { type RunningServer, startServer } from "./start.ts";

/** Runs the server until a signal ends it; gives the exit code. Throws what keeps it from starting. */
export async function serve(
  settings: Settings,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  const { level, format } = logSettings(settings);
  checkFlags(settings);
  const output = new LineOutput(1);
  process.on("exit", () => output.flush());
  const core = new LoggerCore(level, [output.sink(lineFormatter(format))]);
  const log = new Logger(core);
  // Process 1 of a container ignores signals that nobody listens for, so this comes before anything slow.
  const signalled = firstSignal();
  const server = await Promise.race([startServer({ settings, environment, core, log }), signalled]);
  if (typeof server === "string") {
    log.info("Shutting down...", { signal: server });
    // Nothing has been accepted yet that could be lost.
    return endProcess(0);
  }
  return endProcess(await stopAfter(await signalled, server, log));
}

async function stopAfter(signal: string, server: RunningServer, log: Logger): Promise<number> {
  log.info("Shutting down...", { signal });
  process.once("SIGTERM", () => process.exit(1));
  process.once("SIGINT", () => process.exit(1));
  const errors = await server.stop();
  for (const error of errors) log.error("Engine shutdown error", { error: formatFailure(error) });
  log.info("Shutdown complete");
  return errors.length === 0 ? 0 : 1;
}

/** A socket or timer that somebody forgot must not keep a stopped server alive. */
function endProcess(code: number): never {
  process.exit(code);
  throw new WorkflowError("internal.invariant", "the process has ended");
}

function firstSignal(): Promise<string> {
  return new Promise((resolve) => {
    process.once("SIGTERM", () => resolve("SIGTERM"));
    process.once("SIGINT", () => resolve("SIGINT"));
  });
}
