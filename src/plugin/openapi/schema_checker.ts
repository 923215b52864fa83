import { Ajv, type ErrorObject, type Options, type ValidateFunction } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { isPlainMap } from "../../json/map.ts";
import { messageOf } from "../../error/error.ts";
import type { Logger } from "../../log/logger.ts";
import type { Located, SpecDocument } from "./spec_document.ts";
import { compileLinearRegexp } from "../../regexp/linear_regexp.ts";

/** Checks a value. Gives what is wrong with it, all of it when `depth` is `all`; nothing for a sound value. */
export type Check = (value: unknown, depth: "first" | "all") => readonly ErrorObject[];

/** The name under which the checker knows the document, so that references inside it are found. */
const documentName = "document.json";

/** Compiles the schemas of a document. References between them work in every form, circles included. */
export class SchemaChecker {
  readonly #log: Logger;
  readonly #root: unknown;
  readonly #isNew: boolean;
  readonly #first: Ajv;
  #all: Ajv | undefined;

  constructor(document: SpecDocument, log: Logger) {
    this.#log = log;
    this.#isNew = document.version !== "3.0";
    this.#root = this.#isNew ? document.root : withNewKeywords(document.root, 0);
    this.#first = this.#make({ allErrors: false });
  }

  /** The check for one schema of the document; undefined for one that cannot be compiled, which is logged. */
  compile({ value, pointer }: Located): Check | undefined {
    if (value === undefined && !pointer.startsWith("/")) {
      this.#log.warn("A schema in another file is not checked", { reference: pointer });
      return undefined;
    }
    if (!isPlainMap(value)) return undefined;
    const schema = { $ref: `${documentName}#${pointer}` };
    let first: ValidateFunction;
    try {
      first = this.#first.compile(schema);
    } catch (error) {
      this.#log.warn("A schema cannot be used and is not checked", { pointer, error: messageOf(error) });
      return undefined;
    }
    let all: ValidateFunction | undefined;
    return (checked, depth) => {
      if (first(checked)) return [];
      if (depth === "first") return first.errors ?? [];
      // Made for the first value that is wrong: most schemas never need it.
      all ??= (this.#all ??= this.#make({ allErrors: true })).compile(schema);
      all(checked);
      return all.errors ?? first.errors ?? [];
    };
  }

  #make(options: Options): Ajv {
    const settings: Options = {
      ...options,
      strict: false,
      verbose: true,
      logger: false,
      validateSchema: false,
      code: { regExp: linearRegExp },
    };
    const ajv = this.#isNew ? new Ajv2020(settings) : new Ajv(settings);
    addFormats.default(ajv);
    ajv.addSchema(Object(this.#root), documentName);
    return ajv;
  }
}

/** Patterns of a document meet texts of strangers; this engine needs time in proportion to the text. */
const linearRegExp = Object.assign((pattern: string) => compileLinearRegexp(pattern), { code: "linearRegExp" });

/** Levels of a document that are looked at. */
const depthMax = 200;

/**
 * A copy of an OpenAPI 3.0 document in which its own keywords are those of JSON Schema: `exclusiveMinimum: true`
 * becomes the limit itself, and `nullable` without a type, which says nothing, is left out.
 */
function withNewKeywords(value: unknown, depth: number): unknown {
  if (depth > depthMax) return value;
  if (Array.isArray(value)) return value.map((item) => withNewKeywords(item, depth + 1));
  if (!isPlainMap(value)) return value;
  const copy: Record<string, unknown> = Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, withNewKeywords(item, depth + 1)]),
  );
  replaceLimit(copy, "minimum", "exclusiveMinimum");
  replaceLimit(copy, "maximum", "exclusiveMaximum");
  if (typeof copy.nullable === "boolean" && copy.type === undefined) delete copy.nullable;
  return copy;
}

function replaceLimit(schema: Record<string, unknown>, limit: string, exclusive: string): void {
  if (typeof schema[exclusive] !== "boolean") return;
  if (schema[exclusive] && typeof schema[limit] === "number") {
    schema[exclusive] = schema[limit];
    delete schema[limit];
  } else {
    delete schema[exclusive];
  }
}
