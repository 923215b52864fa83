import type { FlagAdmin } from "../../../src/port/flag.ts";
import type { FlagService } from "../../../src/port/service.ts";
import type { TestServer } from "../../harness/server.ts";

/** The service under a name, as the management API finds it. */
export function flagsOf(server: TestServer, name: string): FlagService & FlagAdmin {
  const service = server.engine.current?.service(name);
  if (!isFlags(service)) throw new Error(`${name} is no feature flag service`);
  return service;
}

function isFlags(service: object | undefined): service is FlagService & FlagAdmin {
  return service !== undefined && "evaluate" in service && "createFlag" in service;
}
