import { cp, mkdir, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { defineStep } from "../../define/define.ts";
import { prefixed, WorkflowError } from "../../error/error.ts";
import { duration, path, Type } from "../../schema/field.ts";
import { outputOf } from "../../schema/output.ts";
import { runCommand } from "./run_command.ts";

interface Phase {
  readonly phase: "install" | "build" | "copy";
  readonly command: string;
  readonly output: string;
}

/** Builds a web interface with its own tools and puts the result where it is served from. */
export default defineStep({
  type: "step.build_ui",
  summary: "Build a web interface with npm and copy the result.",
  category: "cicd",
  effect: "write",
  config: Type.Object({
    source_dir: path({ description: "Folder of the interface, with its package.json.", base: "config" }),
    output_dir: path({
      description: "Folder that gets the files of `dist`. Everything in it but `.gitkeep` is removed before.",
      base: "config",
    }),
    install_cmd: Type.String({
      description: "Shell command that installs packages.",
      default: "npm install --silent",
      minLength: 1,
    }),
    build_cmd: Type.String({
      description: "Shell command that builds `dist`.",
      default: "npm run build",
      minLength: 1,
    }),
    env: Type.Record(Type.String(), Type.String(), {
      description: "Environment variables of the commands, beside those of the server.",
      default: {},
    }),
    timeout: duration({
      description: "Time for everything together.",
      default: "5m",
      minimum: 1,
      invalid: "error",
    }),
  }),
  output: outputOf(["phases", "source_dir", "output_dir", "dist_dir", "file_count", "status"]),
  build({ name }, { source_dir, output_dir, install_cmd, build_cmd, env, timeout }) {
    const prefix = `build_ui step "${name}": `;
    const dist = join(source_dir, "dist");
    return async (frame) => {
      const limit = AbortSignal.timeout(timeout);
      const signal = AbortSignal.any([frame.signal, limit]);
      const options = { directory: source_dir, environment: { ...process.env, ...env }, signal };
      const run = async (phase: "install" | "build", command: string): Promise<Phase> => {
        try {
          return { phase, command, output: await runCommand(command, options) };
        } catch (error) {
          if (limit.aborted && !frame.signal.aborted)
            throw new WorkflowError("run.timeout", `${prefix}${phase} did not finish within ${timeout} ms`);
          throw prefixed(`${prefix}${phase} failed: `, error, "step.failed");
        }
      };
      if (!(await isThere(join(source_dir, "package.json"))))
        throw new WorkflowError("step.failed", `${prefix}source_dir "${source_dir}" must contain package.json`);
      const phases = [await run("install", install_cmd), await run("build", build_cmd)];
      if (!(await isThere(dist))) throw new WorkflowError("step.failed", `${prefix}build output not found at ${dist}`);
      const count = await replaceFiles(dist, output_dir);
      phases.push({ phase: "copy", command: `copy ${dist} to ${output_dir}`, output: `${count} files` });
      frame.meta["build_output_dir"] = output_dir;
      const facts = { source_dir, output_dir, dist_dir: dist, file_count: count, status: "success" };
      return { output: { phases, ...facts } };
    };
  },
});

async function isThere(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw error;
  }
}

/** Empties the target and copies all but hidden files; gives their number. */
async function replaceFiles(from: string, to: string): Promise<number> {
  await mkdir(to, { recursive: true });
  for (const name of await readdir(to)) if (name !== ".gitkeep") await rm(join(to, name), { recursive: true });
  let count = 0;
  for (const name of await readdir(from)) {
    if (name.startsWith(".")) continue;
    await cp(join(from, name), join(to, name), { recursive: true });
    count += await countFiles(join(to, name));
  }
  return count;
}

async function countFiles(file: string): Promise<number> {
  if (!(await stat(file)).isDirectory()) return 1;
  const entries = await readdir(file, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => !entry.isDirectory()).length;
}
