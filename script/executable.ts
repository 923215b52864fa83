import { existsSync } from "node:fs";
import { chmod, mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { fingerprint } from "./fingerprint.ts";
import { buildInterface, interfaceFolder } from "./interface.ts";
import { readCommit, readManifest, root } from "./repository.ts";

/** The executable that a build makes, absolute. */
export const executablePath: string = join(root, "dist", "server");

/** What a build did. */
export interface BuildReport {
  readonly outcome: "built" | "unchanged";
  readonly sizeBytes: number;
  readonly durationMs: number;
}

/** Builds the admin interface and the executable, or reuses them when nothing they depend on has changed. */
export async function buildExecutable(mode: "if_changed" | "always" = "if_changed"): Promise<BuildReport> {
  const startedAt = performance.now();
  await buildInterface(mode);
  const { version } = await readManifest();
  const commit = readCommit();
  const inputs = await fingerprintInputs(version, commit);
  const marker = join(root, "dist", ".inputs");
  const isCurrent = existsSync(executablePath) && existsSync(marker) && (await Bun.file(marker).text()) === inputs;
  if (!isCurrent || mode === "always") {
    await rm(marker, { force: true });
    await compile(version, commit);
    await Bun.write(marker, inputs);
  }
  return {
    outcome: isCurrent && mode === "if_changed" ? "unchanged" : "built",
    sizeBytes: Bun.file(executablePath).size,
    durationMs: performance.now() - startedAt,
  };
}

async function fingerprintInputs(version: string, commit: string): Promise<string> {
  const facts = [version, commit, Bun.version, Bun.revision, process.platform, process.arch];
  const assets = await fingerprint(join(root, "ui"), ["dist"], []);
  return fingerprint(root, ["src", "bun.lock", "tsconfig.json", "script/executable.ts"], [...facts, assets]);
}

/** Files that run in a thread of their own: nothing imports them, so each is an entry point beside the program. */
function findWorkers(): string[] {
  return [...new Bun.Glob("src/**/*.worker.ts").scanSync({ cwd: root, absolute: true })].sort();
}

async function compile(version: string, commit: string): Promise<void> {
  // Build beside the target and rename: a server that is running keeps its file, and nobody sees half of one.
  // The name stays `server` because it is part of the output, which is otherwise the same for the same sources.
  const folder = join(root, "dist", `.build-${process.pid}`);
  await mkdir(folder, { recursive: true });
  try {
    await Bun.build({
      entrypoints: [join(root, "src", "main.ts"), ...findWorkers()],
      root,
      target: "bun",
      format: "esm",
      minify: true,
      bytecode: true,
      sourcemap: "linked",
      define: {
        "process.env.NODE_ENV": '"production"',
        __WORKFLOW_VERSION__: JSON.stringify(version),
        __WORKFLOW_COMMIT__: JSON.stringify(commit),
      },
      compile: {
        outfile: join(folder, "server"),
        assets: existsSync(join(root, interfaceFolder)) ? [join(root, interfaceFolder)] : [],
        // A server must not pick up the .env or bunfig.toml of the folder it is started in.
        autoloadDotenv: false,
        autoloadBunfig: false,
      },
    });
    await chmod(join(folder, "server"), 0o755);
    await rename(join(folder, "server"), executablePath);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
