import Type, { type TObject, type TSchema } from "typebox";

/** An output with exactly these keys, of any type. */
export function outputOf(keys: readonly string[]): TObject {
  return Type.Object(Object.fromEntries(keys.map((key): [string, TSchema] => [key, Type.Optional(Type.Any())])));
}

/** An output with these keys and maybe more. */
export function openOutputOf(keys: readonly string[] = []): TObject {
  const properties = Object.fromEntries(keys.map((key): [string, TSchema] => [key, Type.Optional(Type.Any())]));
  return Type.Object(properties, { additionalProperties: true });
}
