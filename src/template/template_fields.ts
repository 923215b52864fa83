import { assert } from "../error/error.ts";

/**
 * Objects that carry this symbol offer named fields and methods to templates (`.Header.Get "X"`). Without it a
 * template sees only the own keys of plain maps, never a getter, a method or anything inherited.
 */
export const templateFields: unique symbol = Symbol("templateFields");

/**
 * Reads a field, or calls a method with the arguments written after it. A method that cannot use its arguments
 * throws; the message becomes part of the template's error.
 */
export type TemplateField = (self: unknown, ...args: readonly unknown[]) => unknown;

/**
 * The fields of one kind of object, by name. Two names are special: `String` is how the object prints, and the
 * empty name is called with a key that is absent and returns what stands for it.
 */
export type TemplateFieldMap = ReadonlyMap<string, TemplateField>;

/** An object with template fields. */
export interface TemplateObject {
  readonly [templateFields]: TemplateFieldMap;
}

/** Builds the field map of a class, so that each field receives its own kind of object. */
export function templateFieldsOf<Self extends object>(
  owner: abstract new (...args: never[]) => Self,
  fields: Readonly<Record<string, (self: Self, ...args: readonly unknown[]) => unknown>>,
): TemplateFieldMap {
  return new Map(
    Object.entries(fields).map(([name, read]): [string, TemplateField] => [
      name,
      (self, ...args) => {
        assert(self instanceof owner, "template fields are looked up on the object that carries them");
        return read(self, ...args);
      },
    ]),
  );
}

/** The template fields of a value, if it has any. */
export function fieldsOf(value: object): TemplateFieldMap | undefined {
  return templateFields in value && value[templateFields] instanceof Map ? value[templateFields] : undefined;
}
