import { prefixed, WorkflowError } from "../../error/error.ts";
import { encodeJson } from "../../json/encode.ts";
import { isPlainMap, ownValue } from "../../json/map.ts";
import { parseJson } from "../../json/parse.ts";
import type { TransformOperation } from "../../port/service.ts";
import { typeName } from "../../template/value.ts";

/** Turns one value into another. Throws `step.failed` for a value that does not fit. */
export type Transform = (input: unknown) => unknown;

/** Reads a list of operations as it is written. Throws `config.value` for an entry that is none. */
export function readOperations(written: readonly unknown[]): readonly TransformOperation[] {
  return written.map((entry, index) => {
    if (!isPlainMap(entry)) throw new WorkflowError("config.value", `operation ${index} must be a map`);
    const type = ownValue(entry, "type");
    if (typeof type !== "string" || type === "") {
      throw new WorkflowError("config.required", `operation ${index} missing 'type'`);
    }
    const config = ownValue(entry, "config");
    return { type, config: isPlainMap(config) ? config : {} };
  });
}

/** Makes one function of a list of operations. Throws `config.value` for an operation that can never work. */
export function compileOperations(operations: readonly TransformOperation[]): Transform {
  const steps = operations.map((operation, index) => {
    const failed = `operation ${index} (${operation.type}) failed: `;
    try {
      return { failed, run: compileOperation(operation) };
    } catch (error) {
      throw prefixed(failed, error, "config.value");
    }
  });
  return (input) => {
    let value = input;
    for (const { failed, run } of steps) {
      try {
        value = run(value);
      } catch (error) {
        throw prefixed(failed, error, "step.failed");
      }
    }
    return value;
  };
}

function compileOperation({ type, config }: TransformOperation): Transform {
  switch (type) {
    case "extract":
      return compileExtract(requiredText(config, "path"));
    case "map":
      return compileRename(ownValue(config, "mappings"));
    case "filter":
      return compileFilter(ownValue(config, "fields"));
    case "convert":
      return compileConvert(requiredText(config, "from"), requiredText(config, "to"));
    default:
      throw new WorkflowError("config.value", `unknown operation type: ${type}`, {
        hint: "the operations are extract, map, filter and convert",
      });
  }
}

function compileExtract(path: string): Transform {
  const keys = path.split(".");
  return (input) => {
    let value = input;
    for (const key of keys) value = member(value, key, path);
    return value;
  };
}

function member(value: unknown, key: string, path: string): unknown {
  if (Array.isArray(value)) {
    if (!/^-?\d+$/.test(key)) throw unfit(`expected numeric index for array, got '${key}'`);
    const index = Number(key);
    if (index < 0 || index >= value.length) throw unfit(`index ${key} out of bounds (len=${value.length})`);
    return value[index];
  }
  if (!isPlainMap(value)) throw unfit(`cannot navigate into ${typeName(value)} at '${key}'`);
  if (!Object.hasOwn(value, key)) throw unfit(`key '${key}' not found in path '${path}'`);
  return value[key];
}

/** Names that the map does not have are left out; a new name replaces a key of the same name. */
function compileRename(written: unknown): Transform {
  const mappings = isPlainMap(written) ? Object.entries(written) : [];
  if (!isPlainMap(written)) throw new WorkflowError("config.required", "'mappings' map is required");
  for (const [old, name] of mappings) {
    if (typeof name !== "string") throw new WorkflowError("config.value", `mapping of '${old}' must be text`);
  }
  const renames = new Map(mappings.map(([old, name]) => [old, String(name)]));
  return (input) => {
    const map = mapOf(input);
    const entries = Object.entries(map).filter(([key]) => !renames.has(key));
    for (const [old, name] of renames) if (Object.hasOwn(map, old)) entries.push([name, map[old]]);
    return Object.fromEntries(entries);
  };
}

function compileFilter(written: unknown): Transform {
  if (!Array.isArray(written)) throw new WorkflowError("config.required", "'fields' list is required");
  const fields = written.map(String);
  return (input) => {
    const map = mapOf(input);
    return Object.fromEntries(fields.filter((key) => Object.hasOwn(map, key)).map((key) => [key, map[key]]));
  };
}

function compileConvert(from: string, to: string): Transform {
  switch (`${from} -> ${to}`) {
    case "json -> json":
      return (input) => parseJson(encodeJson(input));
    case "json -> string":
      return encodeJson;
    case "string -> json":
      return (input) => {
        if (typeof input !== "string") throw unfit(`expected text, got ${typeName(input)}`);
        try {
          return parseJson(input);
        } catch (error) {
          throw new WorkflowError("step.failed", error instanceof Error ? error.message : String(error), {
            cause: error,
          });
        }
      };
    default:
      throw new WorkflowError("config.value", `unsupported conversion: ${from} -> ${to}`);
  }
}

function mapOf(input: unknown): Record<string, unknown> {
  if (!isPlainMap(input)) throw unfit(`expected a map, got ${typeName(input)}`);
  return input;
}

function requiredText(config: Readonly<Record<string, unknown>>, key: string): string {
  const value = ownValue(config, key);
  if (typeof value !== "string" || value === "") throw new WorkflowError("config.required", `'${key}' is required`);
  return value;
}

function unfit(message: string): WorkflowError {
  return new WorkflowError("step.failed", message);
}
