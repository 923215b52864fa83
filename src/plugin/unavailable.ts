import type { UnavailableType } from "../define/registry.ts";

/** Types that configurations may name and that this build refuses, with what to use instead. */
export const unavailableTypes: readonly UnavailableType[] = [];
