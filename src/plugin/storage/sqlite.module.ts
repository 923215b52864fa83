import { defineModule } from "../../define/define.ts";
import { messageOf } from "../../error/error.ts";
import { Database } from "../../port/service.ts";
import { count, path, Type } from "../../schema/field.ts";
import { SqliteDatabase } from "./sqlite_database.ts";

/** Time after which a health check gives up waiting; whoever asks has a limit of its own that is shorter. */
const healthLimitMs = 60_000;

/** A SQLite file that is opened when the server starts. */
export default defineModule({
  type: "storage.sqlite",
  summary: "SQLite file, opened at start, with foreign keys on.",
  category: "storage",
  provides: [Database],
  carry: "instance",
  config: Type.Object({
    dbPath: path({
      description: "File of the database, relative to the working directory; created with its directory.",
      base: "work",
      default: "data/workflow.db",
    }),
    maxConnections: count({ description: "Most connections at a time.", default: 1, minimum: 1 }),
    walMode: Type.Boolean({
      description:
        "Whether changes go to a write-ahead log, so that readers and the writer do not wait for each other.",
      default: true,
    }),
  }),
  create({ name, runtime }, { dbPath, maxConnections, walMode }) {
    const journal = `pragma journal_mode = ${walMode ? "wal" : "delete"}`;
    const pragmas = ["pragma busy_timeout = 5000", journal, "pragma foreign_keys = on"];
    const database = new SqliteDatabase({
      name,
      open: { path: dbPath.endsWith("/:memory:") ? ":memory:" : dbPath, access: "create", pragmas },
      connectionsMax: maxConnections,
      idleConnectionsMax: maxConnections,
      connectionLifetimeMs: 0,
      clock: runtime.clock,
      metrics: runtime.metrics,
      hint: () => undefined,
    });
    return {
      service: database,
      async start(scope) {
        database.start(scope);
        await database.connect(scope.signal);
      },
      async health() {
        try {
          // Waits its turn: a database that is busy for longer than the check's limit is not ready for more.
          await database.connect(AbortSignal.timeout(healthLimitMs));
          return { status: "healthy", message: "database connected" };
        } catch (error) {
          return { status: "degraded", message: `database unreachable: ${messageOf(error)}` };
        }
      },
    };
  },
});
