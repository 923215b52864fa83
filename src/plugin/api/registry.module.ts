import { Database as SqliteFile } from "bun:sqlite";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { defineModule } from "../../define/define.ts";
import { messageOf, WorkflowError } from "../../error/error.ts";
import { type Connector, ConnectorRegistry, Database } from "../../port/service.ts";
import { lateRef, path, Type } from "../../schema/field.ts";
import { registrySchema } from "./registry_schema.ts";

/** Keeps the tables of companies, projects and workflows, and the connectors of integrations by name. */
export default defineModule({
  type: "workflow.registry",
  summary: "SQLite store of companies, projects and workflows, and registry of integration connectors.",
  category: "api",
  provides: [ConnectorRegistry],
  config: Type.Object({
    storageBackend: Type.Optional(
      lateRef(Database, { description: "Module of type storage.sqlite that holds the tables." }),
    ),
    path: path({
      description: "File of the tables when no `storageBackend` is named, relative to the working directory.",
      base: "work",
      default: "./data/workflow-registry.db",
    }),
  }),
  create({ name }, { storageBackend, path: file }) {
    const connectors = new Map<string, Connector>();
    const service: ConnectorRegistry = {
      register: (connector, implementation) => void connectors.set(connector, implementation),
      find: (connector) => connectors.get(connector),
    };
    return {
      service,
      async start(scope) {
        if (storageBackend !== undefined) return createTables(storageBackend.get(), name, scope.signal);
        const database = openFile(file, name);
        scope.defer("registry file", () => database.close());
      },
    };
  },
});

async function createTables(database: Database, name: string, signal: AbortSignal): Promise<void> {
  if (database.driver !== "sqlite") {
    const text = `workflow.registry "${name}": storageBackend must be a SQLite database, not ${database.driver}`;
    throw new WorkflowError("config.wrong_role", text);
  }
  for (const statement of registrySchema) await database.execute(statement, [], signal);
}

function openFile(file: string, name: string): SqliteFile {
  try {
    mkdirSync(dirname(file), { recursive: true });
    const database = new SqliteFile(file, { create: true, strict: true });
    database.run("pragma busy_timeout = 5000");
    database.run("pragma journal_mode = wal");
    database.run("pragma foreign_keys = on");
    database.transaction(() => registrySchema.forEach((statement) => void database.run(statement)))();
    return database;
  } catch (error) {
    const text = `workflow.registry "${name}": cannot open ${file}: ${messageOf(error)}`;
    throw new WorkflowError("start.failed", text, { cause: error, hint: "set `path` to a file that can be written" });
  }
}
