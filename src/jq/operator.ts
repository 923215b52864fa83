import { add, divide, multiply, remainder, subtract } from "./arithmetic.ts";
import { type Filter, several, single } from "./filter.ts";
import type { BinaryOperator } from "./syntax.ts";
import { compare, isEqual, type Json } from "./value.ts";
import type { Run } from "./run.ts";

/** Works on two values. */
export type BinaryOperation = (left: Json, right: Json, run: Run) => Json;

const operations: Readonly<Record<BinaryOperator, BinaryOperation>> = {
  "+": (left, right, run) =>
    typeof left === "number" && typeof right === "number" ? left + right : add(left, right, run),
  "-": (left, right, run) =>
    typeof left === "number" && typeof right === "number" ? left - right : subtract(left, right, run),
  "*": (left, right, run) =>
    typeof left === "number" && typeof right === "number" ? left * right : multiply(left, right, run),
  "/": divide,
  "%": remainder,
  "==": (left, right) => isEqual(left, right),
  "!=": (left, right) => !isEqual(left, right),
  "<": (left, right) => compare(left, right) < 0,
  "<=": (left, right) => compare(left, right) <= 0,
  ">": (left, right) => compare(left, right) > 0,
  ">=": (left, right) => compare(left, right) >= 0,
};

/** What an operator does. */
export function operation(operator: BinaryOperator): BinaryOperation {
  return operations[operator];
}

/** Applies an operation to every pair of outputs; those of the right side change slowest. */
export function binary(apply: BinaryOperation, left: Filter, right: Filter): Filter {
  const [first, second] = [left.one, right.one];
  if (first !== undefined && second !== undefined) {
    return single((env, input) => {
      const value = second(env, input);
      return apply(first(env, input), value, env.run);
    });
  }
  return several((env, input, emit) =>
    right.each(env, input, (value) => left.each(env, input, (other) => emit(apply(other, value, env.run)))),
  );
}
