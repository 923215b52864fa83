import { join } from "node:path";

/** A package that the program imports, directly or through others. */
export interface Shipped {
  readonly name: string;
  readonly version: string;
  /** Where it is installed, absolute. */
  readonly folder: string;
}

/** What one entry of bun.lock says about the packages it needs. */
interface Needs {
  readonly required: readonly string[];
  readonly identity: string;
}

/** Lists the packages that the lockfile in `folder` locks, starting from every workspace's `dependencies`. */
export async function listShipped(folder: string): Promise<Shipped[]> {
  const lock: unknown = Bun.JSONC.parse(await Bun.file(join(folder, "bun.lock")).text());
  const entries = readEntries(child(lock, "packages"));
  const found = new Map<string, Shipped>();
  const visit = (key: string): void => {
    const needs = entries.get(key);
    if (needs === undefined || found.has(key)) return;
    const at = needs.identity.lastIndexOf("@");
    const installed = join(folder, ...splitKey(key).flatMap((name) => ["node_modules", name]));
    found.set(key, { name: needs.identity.slice(0, at), version: needs.identity.slice(at + 1), folder: installed });
    for (const name of needs.required) visit(resolve(entries, key, name));
  };
  for (const workspace of Object.values(child(lock, "workspaces"))) {
    for (const name of Object.keys(child(workspace, "dependencies"))) visit(name);
  }
  return [...found.values()];
}

/** A key is a path of package names: `debug`, or `send/debug` for the copy that only `send` uses. */
function splitKey(key: string): string[] {
  return key.match(/@[^/]+\/[^/]+|[^/]+/g) ?? [];
}

/** Finds the copy of `name` that the package at `key` gets: the nearest one, going outwards. */
function resolve(entries: ReadonlyMap<string, Needs>, key: string, name: string): string {
  const path = splitKey(key);
  for (let depth = path.length; depth > 0; depth -= 1) {
    const nested = [...path.slice(0, depth), name].join("/");
    if (entries.has(nested)) return nested;
  }
  return name;
}

function readEntries(packages: object): Map<string, Needs> {
  const entries = new Map<string, Needs>();
  for (const [key, entry] of Object.entries(packages)) {
    if (!Array.isArray(entry)) continue;
    const [identity, , details]: unknown[] = entry;
    if (typeof identity !== "string") continue;
    const optional = Object.values(child(details, "optionalPeers"));
    const peers = Object.keys(child(details, "peerDependencies")).filter((name) => !optional.includes(name));
    entries.set(key, { identity, required: [...Object.keys(child(details, "dependencies")), ...peers] });
  }
  return entries;
}

/** A member that is an object or a list, or an empty object. */
function child(value: unknown, name: string): object {
  if (typeof value !== "object" || value === null) return {};
  const member: unknown = Object.getOwnPropertyDescriptor(value, name)?.value;
  return typeof member === "object" && member !== null ? member : {};
}
