import { compareUtf8 } from "../../json/key_order.ts";
import { defineFunction, type FunctionParameter, type NumberKind, type TemplateFunction } from "../define_function.ts";
import { refusal } from "../failure.ts";
import { isMap, isNil, isNumber, typeName } from "../value.ts";

const left: FunctionParameter = { name: "left", type: "any", description: "The first value." };
const right: FunctionParameter = { name: "right", type: "any", description: "The value it is compared with." };

/** Whether the first value equals any of the others. */
export const eq = defineFunction({
  name: "eq",
  summary: "Whether the first value equals any of the others.",
  parameters: [left, { ...right, optional: true, rest: true }],
  call([value, ...others], _scope, { numberKinds: [kind, ...kinds] }) {
    if (others.length === 0) throw refusal("missing argument for comparison");
    return others.some((other, index) => areEqual(value, other, kind, kinds[index]));
  },
});

/** Whether two values differ. */
export const ne = defineFunction({
  name: "ne",
  summary: "Whether two values differ.",
  parameters: [left, right],
  call: ([value, other], _scope, { numberKinds: [kind, otherKind] }) => !areEqual(value, other, kind, otherKind),
});

/** Whether the first value comes before the second. */
export const lt = order("lt", "Whether the first value is less than the second.", (sign) => sign < 0);

/** Whether the first value comes before the second or equals it. */
export const le = order("le", "Whether the first value is at most the second.", (sign) => sign <= 0);

/** Whether the first value comes after the second. */
export const gt = order("gt", "Whether the first value is greater than the second.", (sign) => sign > 0);

/** Whether the first value comes after the second or equals it. */
export const ge = order("ge", "Whether the first value is at least the second.", (sign) => sign >= 0);

function areEqual(value: unknown, other: unknown, kind?: NumberKind, otherKind?: NumberKind): boolean {
  // A missing value is compared without complaint: it equals only another missing one.
  if (isNil(value) || isNil(other)) return isNil(value) && isNil(other);
  // Numbers of the two JavaScript types are equal when they stand for the same value.
  if (isNumber(value) && isNumber(other)) return sign(value, other) === 0;
  if (typeof value === "object" || typeof value === "function") {
    if (isCompound(value) === isCompound(other)) throw refusal(`non-comparable type ${typeName(value, kind)}`);
    throw mismatch(value, other, kind, otherKind);
  }
  if (typeof value !== typeof other) throw mismatch(value, other, kind, otherKind);
  return value === other;
}

function isCompound(value: unknown): boolean {
  return Array.isArray(value) || isMap(value);
}

function order(name: string, summary: string, holds: (sign: number) => boolean): TemplateFunction {
  return defineFunction({
    name,
    summary,
    parameters: [left, right],
    // The usual case takes nothing apart: destructuring lists costs more than the comparison.
    call(args, _scope, { numberKinds }) {
      const value = args[0];
      const other = args[1];
      if (isNumber(value) && isNumber(other)) return holds(sign(value, other));
      if (typeof value === "string" && typeof other === "string") return holds(compareUtf8(value, other));
      const [kind, otherKind] = numberKinds;
      const areComparable = isBasic(value) && isBasic(other) && typeof value !== typeof other;
      throw areComparable ? mismatch(value, other, kind, otherKind) : refusal("invalid type for comparison");
    },
  });
}

/** Below, at or above zero; NaN when the numbers have no order, which no comparison then holds for. */
function sign(value: number | bigint, other: number | bigint): number {
  if (value < other) return -1;
  if (value > other) return 1;
  return Number.isNaN(Number(value)) || Number.isNaN(Number(other)) ? Number.NaN : 0;
}

function isBasic(value: unknown): boolean {
  return typeof value === "string" || typeof value === "boolean" || isNumber(value);
}

function mismatch(value: unknown, other: unknown, kind?: NumberKind, otherKind?: NumberKind): Error {
  return refusal(`incompatible types for comparison: ${typeName(value, kind)} and ${typeName(other, otherKind)}`);
}
