import type { Definition } from "../define/definition.ts";
import { buildRegistry, type Family, type Registry } from "../define/registry.ts";
import { unavailableTypes } from "./unavailable.ts";
import * as api from "./api/index.ts";
import * as cicd from "./cicd/index.ts";
import * as config from "./config/index.ts";
import * as eventstore from "./eventstore/index.ts";
import * as flag from "./flag/index.ts";
import * as http from "./http/index.ts";
import * as integration from "./integration/index.ts";
import * as license from "./license/index.ts";
import * as marketplace from "./marketplace/index.ts";
import * as messaging from "./messaging/index.ts";
import * as modular from "./modular/index.ts";
import * as nosql from "./nosql/index.ts";
import * as observability from "./observability/index.ts";
import * as openapi from "./openapi/index.ts";
import * as pipeline from "./pipeline/index.ts";
import * as platform from "./platform/index.ts";
import * as policy from "./policy/index.ts";
import * as scheduler from "./scheduler/index.ts";
import * as secret from "./secret/index.ts";
import * as statemachine from "./statemachine/index.ts";
import * as storage from "./storage/index.ts";

/** Every family, one line each. */
const families: readonly Readonly<Record<string, Definition>>[] = [
  api,
  cicd,
  config,
  eventstore,
  flag,
  http,
  integration,
  license,
  marketplace,
  messaging,
  modular,
  nosql,
  observability,
  openapi,
  pipeline,
  platform,
  policy,
  scheduler,
  secret,
  statemachine,
  storage,
];

/** The registry of everything this program knows. */
export function makeRegistry(): Registry {
  return buildRegistry(families.map(toFamily), unavailableTypes);
}

function toFamily(exports: Readonly<Record<string, Definition>>): Family {
  const definitions = Object.values(exports);
  const plugin = definitions.find((definition) => definition.kind === "plugin");
  if (plugin === undefined) throw new Error("a family exports its plugin");
  return { plugin, definitions: definitions.filter((definition) => definition !== plugin) };
}
