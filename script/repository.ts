import { join, resolve } from "node:path";

/** The root folder of the repository, absolute. */
export const root: string = resolve(import.meta.dir, "..");

/** The parts of the root package.json that the scripts read. */
export interface Manifest {
  readonly version: string;
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** Reads the root package.json. Throws when a field that the scripts need is missing. */
export async function readManifest(): Promise<Manifest> {
  const parsed: unknown = await Bun.file(join(root, "package.json")).json();
  if (!isManifest(parsed)) throw new Error("package.json has no version or no devDependencies");
  return parsed;
}

/** The commit of the working copy, or `unknown` outside git; `WORKFLOW_COMMIT` wins, for builds without .git. */
export function readCommit(): string {
  const given = process.env["WORKFLOW_COMMIT"];
  if (given !== undefined && given !== "") return given;
  if (Bun.which("git") === null) return "unknown";
  const git = Bun.spawnSync(["git", "rev-parse", "--short=12", "HEAD"], { cwd: root, stderr: "ignore" });
  return git.exitCode === 0 ? git.stdout.toString().trim() : "unknown";
}

function isManifest(value: unknown): value is Manifest {
  if (typeof value !== "object" || value === null) return false;
  if (!("version" in value) || !("devDependencies" in value)) return false;
  const { version, devDependencies } = value;
  return typeof version === "string" && typeof devDependencies === "object" && devDependencies !== null;
}
