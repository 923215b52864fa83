import { defineModule } from "../../define/define.ts";
import { WorkflowError } from "../../error/error.ts";
import { Cache } from "../../port/service.ts";
import { choice, count, duration, Type } from "../../schema/field.ts";

interface Entry {
  readonly value: string;
  readonly expiresAt: number;
}

/** Keeps texts in this process. The least recently used entry goes first when there are too many. */
export default defineModule({
  type: "cache.modular",
  summary: "Cache kept in this process; every replica has its own.",
  category: "cache",
  provides: [Cache],
  serviceName: "cache.provider",
  carry: "instance",
  config: Type.Object({
    backend: choice(["memory", "redis"], {
      description: "Where entries are kept; only `memory` is available.",
      default: "memory",
      aliases: ["engine"],
      invalid: "error",
    }),
    maxItems: count({
      description: "Most entries; beyond it the least recently used is dropped.",
      default: 10_000,
      aliases: ["maxSize"],
      minimum: 1,
    }),
    ttl: duration({ description: "Lifetime of an entry that is set without one.", default: "5m", minimum: 1 }),
    cleanupInterval: duration({
      description: "How often the memory of expired entries is freed; they are never given out.",
      default: "1m",
      minimum: 1,
    }),
  }),
  create({ name, at, runtime }, { backend, maxItems, ttl, cleanupInterval }) {
    if (backend === "redis") {
      const text = `cache.modular "${name}": backend redis is not available in this build`;
      throw new WorkflowError("config.unavailable_type", text, { at: [at], hint: "use backend: memory" });
    }
    const { clock, metrics } = runtime;
    // A Map iterates in the order of insertion: putting an entry back marks it as used.
    const entries = new Map<string, Entry>();
    const service: Cache = {
      async get(key) {
        const entry = entries.get(key);
        if (entry === undefined) return undefined;
        entries.delete(key);
        if (entry.expiresAt <= clock.now()) return undefined;
        entries.set(key, entry);
        return entry.value;
      },
      async set(key, value, ttlMs) {
        entries.delete(key);
        const [oldest] = entries.keys();
        if (oldest !== undefined && entries.size >= maxItems) entries.delete(oldest);
        entries.set(key, { value, expiresAt: clock.now() + (ttlMs === undefined || ttlMs === 0 ? ttl : ttlMs) });
      },
      async delete(key) {
        entries.delete(key);
      },
    };
    return {
      service,
      start(scope) {
        const removeGauge = metrics.gauge("cache_items", "Entries of a cache.", { module: name }, () => entries.size);
        scope.defer("gauge", removeGauge);
        void scope.spawn("cleanup", async (signal) => {
          for (;;) {
            await clock.sleep(cleanupInterval, signal);
            for (const [key, { expiresAt }] of entries) if (expiresAt <= clock.now()) entries.delete(key);
          }
        });
      },
    };
  },
});
