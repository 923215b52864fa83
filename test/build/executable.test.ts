import { afterAll, beforeAll, expect, test } from "bun:test";
import { copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { buildExecutable, executablePath } from "../../script/executable.ts";
import { readCommit, readManifest, root } from "../../script/repository.ts";

const buildTimeoutMs = 120_000;
let folder = "";

beforeAll(async () => {
  await buildExecutable();
  folder = await mkdtemp(join(tmpdir(), "executable-"));
}, buildTimeoutMs);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs a command in an empty folder with an empty environment. */
function run(command: readonly string[]): { readonly code: number; readonly stdout: string; readonly stderr: string } {
  const child = Bun.spawnSync([...command], { cwd: folder, env: {}, timeout: 20_000 });
  return { code: child.exitCode, stdout: child.stdout.toString(), stderr: child.stderr.toString() };
}

test("-version prints the version and the commit it was built from", async () => {
  const { version } = await readManifest();
  const result = run([executablePath, "-version"]);
  expect(result).toMatchObject({ code: 0, stderr: "" });
  expect(result.stdout).toContain(version);
  expect(result.stdout).toContain(readCommit());
});

test("-help names the flag for the configuration", () => {
  const result = run([executablePath, "-help"]);
  expect(result).toMatchObject({ code: 0, stderr: "" });
  expect(result.stdout).toContain("-config");
});

test("an unknown flag is refused with one line that names it", () => {
  const result = run([executablePath, "-no-such-flag"]);
  expect(result).toMatchObject({ code: 2, stdout: "" });
  expect(result.stderr).toMatch(/^[^\n]*no-such-flag[^\n]*\n$/);
});

test("the settings of the folder it is started in are not read", async () => {
  await Bun.write(join(folder, ".env"), "WORKFLOW_CONFIG=missing.yaml\n");
  await Bun.write(join(folder, "bunfig.toml"), 'preload = ["./preload.ts"]\n');
  await Bun.write(join(folder, "preload.ts"), 'console.log("preloaded"); process.exit(9);\n');
  const result = run([executablePath, "-version"]);
  for (const name of [".env", "bunfig.toml", "preload.ts"]) await rm(join(folder, name));
  expect(result.code).toBe(0);
  expect(result.stdout).not.toContain("preloaded");
});

test("nothing but the C library is linked", () => {
  const names = linkedLibraries().map((path) => path.replace(/^.*\//, "").replace(/[.-].*$/, ""));
  expect(names.toSorted()).toEqual(["ld", "libc", "libdl", "libm", "libpthread"]);
});

test("no path of the machine it was built on is inside", async () => {
  const bytes = Buffer.from(await Bun.file(executablePath).arrayBuffer());
  expect(bytes.includes(`${root}/`)).toBe(false);
});

test("it runs in a root folder that holds the C library alone", async () => {
  const cage = join(folder, "root");
  await mkdir(join(cage, "proc"), { recursive: true });
  for (const path of linkedLibraries()) {
    await mkdir(join(cage, dirname(path)), { recursive: true });
    await copyFile(path, join(cage, path));
  }
  await copyFile(executablePath, join(cage, "server"));
  const { version } = await readManifest();
  const result = run([...cageCommand(cage), "-version"]);
  expect(result).toMatchObject({ code: 0, stderr: "" });
  expect(result.stdout).toContain(version);
}, 30_000);

/** Absolute paths of the libraries, and of the loader, that the executable asks for. */
function linkedLibraries(): string[] {
  return run(["ldd", executablePath]).stdout.match(/\/\S+/g) ?? [];
}

/**
 * The command that runs the copy inside the cage, with its own /proc, which Bun needs. Where the platform allows no
 * namespaces, as in a container without capabilities, the copy runs beside the cage with the libraries of the cage.
 */
function cageCommand(cage: string): string[] {
  const namespaces = ["--user", "--map-root-user", "--pid", "--mount", "--fork", `--mount-proc=${join(cage, "proc")}`];
  const path = "/usr/sbin:/usr/bin:/sbin:/bin";
  const unshare = Bun.which("unshare", { PATH: path });
  const chroot = Bun.which("chroot", { PATH: path });
  if (unshare !== null && chroot !== null && run([unshare, ...namespaces, "/bin/true"]).code === 0) {
    return [unshare, ...namespaces, chroot, cage, "/server"];
  }
  console.warn("no namespaces here: the root folder is not closed off, only the libraries are");
  const libc = linkedLibraries().find((name) => /\/libc\./.test(name)) ?? "";
  return ["/usr/bin/env", `LD_LIBRARY_PATH=${join(cage, dirname(libc))}`, join(cage, "server")];
}
