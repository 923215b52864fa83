import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { check, serve, type TestServer } from "../../harness/server.ts";

const tables = [
  "audit_log",
  "companies",
  "execution_logs",
  "execution_steps",
  "iam_provider_configs",
  "iam_role_mappings",
  "projects",
  "workflow_executions",
  "workflow_permissions",
  "workflow_versions",
  "workflows",
];

function tablesOf(server: TestServer, file: string): unknown[] {
  using database = new Database(join(server.directory, file));
  return database
    .query("select name from sqlite_master where type = 'table' and name not like 'sqlite_%' order by name")
    .all()
    .map((row) => Object(row).name);
}

test.each([
  ["{}", "data/workflow-registry.db"],
  ["{ path: other/reg.db }", "other/reg.db"],
])("the registry with %s creates its tables in %s", async (config, file) => {
  await using server = await serve(`modules: [{ name: registry, type: workflow.registry, config: ${config} }]`);
  expect(tablesOf(server, file)).toEqual(tables);
});

test("the tables of a file that has them are kept with their rows", async () => {
  const yaml = "modules: [{ name: registry, type: workflow.registry }]";
  await using server = await serve(yaml);
  const file = join(server.directory, "data/workflow-registry.db");
  const now = "2026-01-01T00:00:00Z";
  {
    using database = new Database(file);
    database.run("insert into companies (id, name, slug, owner_id, created_at, updated_at) values (?,?,?,?,?,?)", [
      "c1",
      "Acme",
      "acme",
      "u1",
      now,
      now,
    ]);
  }
  await server.reload(`${yaml}\n# changed`);
  using database = new Database(file);
  expect(database.query("select name, is_system, metadata from companies").all()).toEqual([
    { name: "Acme", is_system: 0, metadata: "{}" },
  ]);
});

test("a storage module can hold the tables", async () => {
  await using server = await serve(`modules:
  - { name: registry, type: workflow.registry, config: { storageBackend: files } }
  - { name: files, type: storage.sqlite, config: { dbPath: shared.db } }`);
  expect(tablesOf(server, "shared.db")).toEqual(tables);
});

test("a storage module that is not defined is a warning, and an error at start", async () => {
  const yaml = "modules: [{ name: registry, type: workflow.registry, config: { storageBackend: nobody } }]";
  expect((await check(yaml)).warnings).toEqual([
    expect.stringContaining("config has no entry points"),
    "1:80: modules[0].config.storageBackend: service 'nobody' is not defined",
  ]);
  await expect(serve(yaml)).rejects.toThrow(
    `failed to start application: module "registry": service "nobody" not found as a database`,
  );
});

test("a file that cannot be opened is named in the error", async () => {
  const yaml = "modules: [{ name: registry, type: workflow.registry, config: { path: blocked/reg.db } }]";
  await using server = await serve("modules: []");
  mkdirSync(server.directory, { recursive: true });
  writeFileSync(join(server.directory, "blocked"), "");
  await expect(server.reload(yaml)).rejects.toThrow('workflow.registry "registry": cannot open');
});

test("connectors are found under the name they were registered with", async () => {
  await using server = await serve("modules: [{ name: registry, type: workflow.registry }]");
  const service = server.engine.current?.service("registry");
  if (service === undefined || !("register" in service) || !("find" in service)) throw new Error("no registry");
  const connector = { execute: async () => ({}) };
  Reflect.apply(Object(service.register), service, ["crm", connector]);
  expect(Reflect.apply(Object(service.find), service, ["crm"])).toBe(connector);
  expect(Reflect.apply(Object(service.find), service, ["constructor"])).toBeUndefined();
});
