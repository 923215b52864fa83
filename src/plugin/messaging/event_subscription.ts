import { ownValue } from "../../json/map.ts";

/** Whether an event passes a filter: its `type`, or its `eventType` when it has no type, must be the wanted one. */
export function isWanted(payload: unknown, event: string): boolean {
  if (event === "") return true;
  const type = ownValue(payload, "type");
  const actual = type === undefined || type === null || type === "" ? ownValue(payload, "eventType") : type;
  return actual === event;
}
