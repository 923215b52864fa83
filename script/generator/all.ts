import { configSchema } from "./config_schema.ts";
import { coverage } from "./coverage.ts";
import { errors } from "./errors.ts";
import type { Generator } from "./generator.ts";
import { reference } from "./reference.ts";
import { thirdParty } from "./third_party.ts";

/** Every generated file of the repository, one line each. */
export const generators: readonly Generator[] = [thirdParty, errors, coverage, configSchema, ...reference];
