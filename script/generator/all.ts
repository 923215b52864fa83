import type { Generator } from "./generator.ts";
import { thirdParty } from "./third_party.ts";

/** Every generated file of the repository, one line each. */
export const generators: readonly Generator[] = [thirdParty];
