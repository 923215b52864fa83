import { isPlainMap } from "../../json/map.ts";
import type { Frame } from "../../port/frame.ts";

/** The JSON object that was already read from the request: by the trigger, or by a step before. */
export function knownBody(frame: Frame): Record<string, unknown> | undefined {
  if (isPlainMap(frame.trigger.body)) return frame.trigger.body;
  return isPlainMap(frame.current.body) ? frame.current.body : undefined;
}
