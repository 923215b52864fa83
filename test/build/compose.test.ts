import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { root } from "../../script/repository.ts";
import { flags } from "../../src/cli/flags.ts";
import { loadConfigFile } from "../../src/config/load.ts";

const folder = join(root, "deploy");
const { services, volumes } = parse(await Bun.file(join(folder, "compose.yaml")).text());
const dockerfile = await Bun.file(join(root, "Dockerfile")).text();

test("it builds the image of the repository", () => {
  expect(existsSync(join(folder, services.workflow.build.context, "Dockerfile"))).toBe(true);
});

test("its variables are those of flags", () => {
  const known = Object.values(flags).map((flag) => ("environment" in flag ? flag.environment : ""));
  expect(known).toEqual(expect.arrayContaining(Object.keys(services.workflow.environment)));
});

test("the configuration that it mounts is where the server looks for it, and can be read", () => {
  const [mount] = services.workflow.volumes;
  const [, file, target] = /^\$\{WORKFLOW_FILE:-([^}]+)\}:([^:]+):ro$/.exec(mount) ?? [];
  expect(target).toBe(services.workflow.environment.WORKFLOW_CONFIG);
  expect(loadConfigFile(join(folder, file ?? "")).modules.length).toBeGreaterThan(0);
});

test("the data directory of the image is on a named volume", () => {
  const [, mount] = services.workflow.volumes;
  const [name, target] = mount.split(":");
  expect(Object.keys(volumes)).toEqual([name]);
  expect(dockerfile).toContain(`ENV WORKFLOW_DATA_DIR=${target}\n`);
});

test("the ports are those that the image exposes, for this machine alone while the management port is open", () => {
  expect(dockerfile).toContain("EXPOSE 8080 8081\n");
  expect(services.workflow.environment.WORKFLOW_ADMIN_OPEN).toBe("true");
  expect(services.workflow.ports).toEqual(["127.0.0.1:8080:8080", "127.0.0.1:8081:8081"]);
});

test("its health check is that of the image", () => {
  const [, command = "[]"] = /^HEALTHCHECK .* CMD (\[.*\])$/m.exec(dockerfile) ?? [];
  expect(services.workflow.healthcheck.test).toEqual(["CMD", ...JSON.parse(command)]);
});
