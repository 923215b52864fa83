import { defineModule } from "../../define/define.ts";
import { messageOf, WorkflowError } from "../../error/error.ts";
import { FlagAdmin } from "../../port/flag.ts";
import { FlagService } from "../../port/service.ts";
import { choice, duration, path, Type } from "../../schema/field.ts";
import { StoredFlags } from "./flag_service.ts";

/** Feature flags in a SQLite file. */
export default defineModule({
  type: "featureflag.service",
  summary: "Feature flags with overrides, rules and rollouts, kept in a SQLite file.",
  category: "flag",
  provides: [FlagService, FlagAdmin],
  serviceNames: (name) => [`${name}.admin`, `${name}.store`],
  carry: "instance",
  config: Type.Object({
    provider: choice(["generic"], {
      description: "Where flags come from; `generic` is the store of this module.",
      default: "generic",
      invalid: "error",
    }),
    cache_ttl: duration({
      description: "How long a result is kept. Edits through the API count at once, edits of the file after this time.",
      default: "30s",
      minimum: 0,
    }),
    sse_enabled: Type.Boolean({ description: "Whether changes are offered as a stream of events.", default: true }),
    db_path: path({
      description: "SQLite file of the flags, relative to the working directory; created with its directory.",
      base: "work",
      default: "data/featureflags.db",
    }),
  }),
  create({ name, runtime }, { cache_ttl, sse_enabled, db_path }) {
    const service = new StoredFlags({
      name,
      path: db_path,
      cacheTtlMs: cache_ttl,
      hasChangeStream: sse_enabled,
      clock: runtime.clock,
    });
    return {
      service,
      services: { [`${name}.admin`]: service, [`${name}.store`]: service },
      start(scope) {
        try {
          service.open();
        } catch (cause) {
          const text = `cannot open ${JSON.stringify(db_path)}: ${messageOf(cause)}`;
          throw new WorkflowError("database.failed", text, { cause });
        }
        scope.defer("flags", () => service.close());
      },
    };
  },
});
