import { root } from "./repository.ts";

/** How a child process is run. */
export interface ChildOptions {
  /** Working directory; the repository's root unless given. */
  readonly cwd?: string;
}

/** Runs Bun itself with arguments, on this terminal, and answers its exit code. */
export function runBun(args: readonly string[], options: ChildOptions = {}): Promise<number> {
  // Never the `bun` on PATH: it can be another version, or not there at all under npx.
  return runChild([process.execPath, ...args], options);
}

/** Runs a command on this terminal until it ends and answers its exit code. SIGINT and SIGTERM reach the child. */
export async function runChild(command: readonly string[], options: ChildOptions = {}): Promise<number> {
  const child = Bun.spawn([...command], {
    cwd: options.cwd ?? root,
    stdio: ["inherit", "inherit", "inherit"],
  });
  // A terminal sends Ctrl-C to the child as well; this process only has to outlive it.
  const ignore = (): void => undefined;
  const pass = (): void => child.kill("SIGTERM");
  process.on("SIGINT", ignore);
  process.on("SIGTERM", pass);
  try {
    return await child.exited;
  } finally {
    process.off("SIGINT", ignore);
    process.off("SIGTERM", pass);
  }
}
