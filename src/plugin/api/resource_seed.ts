import { messageOf } from "../../error/error.ts";
import { asMap, ownValue } from "../../json/map.ts";
import { parseJson } from "../../json/parse.ts";
import type { Logger } from "../../log/logger.ts";
import type { FileContent } from "../../schema/field.ts";
import type { FieldMapping } from "./field_mapping.ts";
import type { ResourceCollection } from "./resource.ts";

/** Fills a collection from a file with `[{id, data, state}]`. What cannot be used is logged and left out. */
export function seedResources(
  file: FileContent,
  {
    resources,
    mapping,
    nowMs,
    log,
  }: {
    readonly resources: ResourceCollection;
    readonly mapping: FieldMapping;
    readonly nowMs: number;
    readonly log: Logger;
  },
): void {
  const entries = readEntries(file, log);
  let skipped = 0;
  for (const entry of entries) {
    const id = idOf(entry);
    if (id === undefined) {
      skipped++;
      continue;
    }
    const data = { ...asMap(ownValue(entry, "data")) };
    const written = ownValue(entry, "state");
    const state = typeof written === "string" && written !== "" ? written : mapping.readText(data, "state");
    resources.put({ id, data, state, lastUpdate: nowMs });
  }
  if (skipped > 0) log.warn("Seed entries without an id were left out", { file: file.name, count: skipped });
}

function readEntries(file: FileContent, log: Logger): readonly unknown[] {
  try {
    const value = parseJson(file.text);
    if (Array.isArray(value)) return value;
    log.warn("Seed file is not a JSON array", { file: file.name });
  } catch (error) {
    log.warn("Seed file cannot be read", { file: file.name, error: messageOf(error) });
  }
  return [];
}

function idOf(entry: unknown): string | undefined {
  const id = ownValue(entry, "id");
  if (typeof id === "number") return String(id);
  return typeof id === "string" && id !== "" ? id : undefined;
}
