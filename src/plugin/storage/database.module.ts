import { defineModule } from "../../define/define.ts";
import { type Position, WorkflowError } from "../../error/error.ts";
import { Database } from "../../port/service.ts";
import { count, duration, path, Type } from "../../schema/field.ts";
import { SqliteDatabase } from "./sqlite_database.ts";
import { misplacedHint, parseSqliteDsn } from "./sqlite_dsn.ts";

const sqliteDrivers: ReadonlySet<string> = new Set(["sqlite", "sqlite3"]);
const otherDrivers: ReadonlySet<string> = new Set(["postgres", "postgresql", "pgx", "mysql"]);

/** Connections to a SQLite file when no limit is set; each is a thread. */
const sqliteConnectionsMax = 4;

/** A pool of connections to a database of the user. */
export default defineModule({
  type: "database.workflow",
  aliases: ["database.modular"],
  summary: "SQL database for the db steps and for modules that store data.",
  category: "storage",
  provides: [Database],
  carry: "instance",
  config: Type.Object({
    driver: Type.String({ description: "Kind of database: `sqlite` (or `sqlite3`).", minLength: 1 }),
    dsn: Type.String({
      description:
        "Database to open: a path, `:memory:`, or `file:path?mode=ro&_pragma=foreign_keys(1)`. " +
        "SQLite files are created when they are missing, and write a WAL unless a `journal_mode` is given.",
      minLength: 1,
    }),
    directory: path({
      description: "Directory that a relative path in `dsn` starts from; the working directory without it.",
      base: "work",
      default: ".",
    }),
    maxOpenConns: count({
      description: "Most connections at a time; 0 for the driver's own limit, which is 4 for SQLite files.",
      default: 0,
      minimum: 0,
    }),
    maxIdleConns: count({ description: "Most connections that stay open without work.", default: 2, minimum: 0 }),
    connMaxLifetime: duration({
      description: "Age at which a connection is replaced by a new one; 0 for never.",
      default: "0",
      minimum: 0,
    }),
  }),
  create({ name, at, log, runtime }, config) {
    const { driver, dsn, directory } = config;
    if (!sqliteDrivers.has(driver)) throw unavailable(name, driver, at);
    const { ignored, ...open } = parseSqliteDsn(dsn, directory);
    for (const key of ignored) log.warn("An option of the dsn has no effect", { option: key });
    const hint = () => misplacedHint(dsn, open.path, runtime.configDir);
    const database = new SqliteDatabase({
      name,
      open,
      connectionsMax: config.maxOpenConns === 0 ? sqliteConnectionsMax : config.maxOpenConns,
      idleConnectionsMax: config.maxIdleConns,
      connectionLifetimeMs: config.connMaxLifetime,
      clock: runtime.clock,
      metrics: runtime.metrics,
      hint,
    });
    return {
      service: database,
      start(scope) {
        const advice = hint();
        if (advice !== undefined) log.warn("The database does not exist yet", { path: open.path, hint: advice });
        database.start(scope);
      },
    };
  },
});

function unavailable(name: string, driver: string, at: Position): WorkflowError {
  if (otherDrivers.has(driver)) {
    const text = `database.workflow "${name}": driver "${driver}" is not available in this build; available: sqlite`;
    return new WorkflowError("config.unavailable_type", text, { at: [at] });
  }
  const text = `database.workflow "${name}": unknown driver "${driver}"; available: sqlite`;
  return new WorkflowError("config.value", text, { at: [at] });
}
