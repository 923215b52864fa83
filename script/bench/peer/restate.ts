import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../../../src/time/clock.ts";
import { root } from "../../repository.ts";
import { freePort, type ServerUnderTest, startServer } from "../server.ts";

/** The versions that are compared with. */
export const restateVersions = { server: "1.7.12", sdk: "1.17.2" } as const;

const folder = join(root, "dist/peers");
const here = import.meta.dir;

/** Starts Restate and the order service with its data in `directory`, or says how to install it. */
export async function startRestate(directory: string): Promise<ServerUnderTest | string> {
  const { server, sdk } = restateVersions;
  const packages = `@restatedev/restate-server@${server} @restatedev/restate-sdk@${sdk}`;
  const installed = [installedVersion("restate-server"), installedVersion("restate-sdk")];
  if (installed[0] !== server || installed[1] !== sdk) {
    return `peer missing: Restate is not installed; npm install --prefix dist/peers ${packages}`;
  }
  mkdirSync(directory, { recursive: true });
  const [service, ingress, admin, fabric] = [freePort(), freePort(), freePort(), freePort()];
  const node = Bun.spawn(["node", join(here, "restate_service.mjs"), folder, String(service)], {
    stdout: "ignore",
    stderr: "inherit",
    env: { ...process.env, NODE_ENV: "production", RESTATE_LOGGING: "ERROR" },
  });
  const environment = {
    RESTATE_BASE_DIR: directory,
    RESTATE_BIND_PORT: String(fabric),
    RESTATE_INGRESS__BIND_PORT: String(ingress),
    RESTATE_ADMIN__BIND_PORT: String(admin),
  };
  // The package's command is a script that starts this one; its memory would be measured instead.
  const executable = join(folder, `node_modules/@restatedev/restate-server-${process.platform}-${process.arch}`);
  const command = [join(executable, "bin/restate-server"), "-c", join(here, "restate.toml"), "--no-logo"];
  try {
    const restate = await startServer("Restate", command, { port: admin, path: "/health", environment });
    const stop = async () => {
      await restate.stop();
      node.kill();
      await node.exited;
    };
    try {
      await register(admin, service);
      return { ...restate, port: ingress, stop };
    } catch (error) {
      await stop();
      throw error;
    }
  } catch (error) {
    node.kill();
    throw error;
  }
}

/** Tells Restate where the service is; both have only just started, so it is told until it has understood. */
async function register(admin: number, service: number): Promise<void> {
  let last = "";
  for (let attempt = 0; attempt < 100; attempt++) {
    try {
      const answer = await fetch(`http://127.0.0.1:${admin}/deployments`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ uri: `http://127.0.0.1:${service}`, force: true }),
      });
      if (answer.ok) return;
      last = await answer.text();
    } catch (error) {
      last = String(error);
    }
    await systemClock.sleep(100, new AbortController().signal);
  }
  throw new Error(`Restate does not accept the service: ${last}`);
}

function installedVersion(name: string): string | undefined {
  const manifest = join(folder, "node_modules/@restatedev", name, "package.json");
  if (!existsSync(manifest)) return undefined;
  const parsed: unknown = JSON.parse(readFileSync(manifest, "utf8"));
  return typeof parsed === "object" && parsed !== null && "version" in parsed ? String(parsed.version) : undefined;
}
