/** A program that tests run and the Debian package that brings it. */
interface SystemPackage {
  readonly program: string;
  readonly package: string;
  readonly neededBy: string;
}

const systemPackages: readonly SystemPackage[] = [
  { program: "ldd", package: "libc-bin", neededBy: "test/build" },
  { program: "chroot", package: "coreutils", neededBy: "test/build" },
  { program: "curl", package: "curl", neededBy: "test/example" },
  { program: "openssl", package: "openssl", neededBy: "test/plugin/http" },
  { program: "unshare", package: "util-linux", neededBy: "test/build" },
];

/** Installs missing programs with apt-get when that is possible, else names them; their tests then fail. */
export function prepareSystemPackages(): void {
  const missing = systemPackages.filter((entry) => Bun.which(entry.program, { PATH: searchPath() }) === null);
  if (missing.length === 0) return;
  const names = [...new Set(missing.map((entry) => entry.package))];
  const isInstallable = process.getuid?.() === 0 && Bun.which("apt-get") !== null;
  if (isInstallable && apt(["update"]) && apt(["install", "--yes", "--no-install-recommends", ...names])) return;
  for (const entry of missing) {
    console.error(`missing ${entry.program} (Debian package ${entry.package}), needed by ${entry.neededBy}`);
  }
}

function apt(args: readonly string[]): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  return Bun.spawnSync(["apt-get", "--quiet", ...args], { env, stdout: "ignore", stderr: "inherit" }).exitCode === 0;
}

/** Administration programs are often outside a user's PATH. */
function searchPath(): string {
  return `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin`;
}
