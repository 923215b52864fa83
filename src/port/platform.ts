import { definePort } from "../schema/field.ts";

/** The deployment that a configuration belongs to. */
export interface PlatformContext {
  readonly org: string;
  readonly environment: string;
  readonly tier: unknown;
  readonly path: string | undefined;
}
export const PlatformContext = definePort<PlatformContext>("platform_context", "a platform context");
