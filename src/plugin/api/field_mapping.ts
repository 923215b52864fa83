import { ownValue } from "../../json/map.ts";

const identical = [
  "state",
  "lastUpdate",
  "riskLevel",
  "tags",
  "messages",
  "programId",
  "programName",
  "createdAt",
  "responderId",
  "id",
  "userId",
  "direction",
  "from",
];

const defaults: ReadonlyMap<string, readonly string[]> = new Map([
  ...identical.map((name): [string, string[]] => [name, [name]]),
  ["body", ["body", "Body", "content", "message"]],
]);

/** How the fields that a handler knows are called in the user's data. */
export class FieldMapping {
  readonly #names: ReadonlyMap<string, readonly string[]>;

  /** `changes` gives other names for fields; the first name is the one that is written. */
  constructor(changes: ReadonlyMap<string, readonly string[]>) {
    this.#names = new Map([...defaults, ...changes]);
  }

  /** The value under the first name that is there; undefined when none is. */
  read(data: Readonly<Record<string, unknown>>, field: string): unknown {
    for (const name of this.names(field)) {
      const value = ownValue(data, name);
      if (value !== undefined) return value;
    }
    return undefined;
  }

  /** The text under the first name that holds one that is not empty. */
  readText(data: Readonly<Record<string, unknown>>, field: string): string | undefined {
    for (const name of this.names(field)) {
      const value = ownValue(data, name);
      if (typeof value === "string" && value !== "") return value;
    }
    return undefined;
  }

  /** Puts values under their written names, on a copy. */
  write(data: Readonly<Record<string, unknown>>, values: Readonly<Record<string, unknown>>): Record<string, unknown> {
    const named = Object.entries(values).map(([field, value]) => [this.names(field)[0] ?? field, value] as const);
    return { ...data, ...Object.fromEntries(named) };
  }

  names(field: string): readonly string[] {
    return this.#names.get(field) ?? [field];
  }
}
