import type { Registry } from "../define/registry.ts";
import type { Engine, EngineOptions } from "../engine/engine.ts";
import type { Exchange } from "../port/exchange.ts";
import type { HealthBoard } from "../port/runtime.ts";

/** What the management routes work on. */
export interface ManagementContext {
  readonly engine: Engine;
  readonly registry: Registry;
  readonly services: EngineOptions["services"];
  readonly health: HealthBoard;
  /** The `-config` file, when there is one. */
  readonly configFile: string | undefined;
  readonly startedAtMs: number;
  /** `-admin-open`. */
  readonly isOpen: boolean;
}

/** One endpoint of the management API. */
export interface ManagementRoute {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  /** Older paths for the same endpoint. */
  readonly aliases?: readonly string[];
  /** `public`: for everyone. `guide`: by the rule of `decideAccess`. */
  readonly access: "public" | "guide";
  readonly summary: string;
  handle(exchange: Exchange, context: ManagementContext): Response | Promise<Response>;
}
