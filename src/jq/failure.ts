import type { Json } from "./value.ts";

/** An error of a running program, which `try` can catch. It carries no stack, because programs raise it as they go. */
export class Failure {
  readonly value: Json;

  constructor(value: Json) {
    this.value = value;
  }
}

/** An error whose value is a message. */
export function fail(message: string): Failure {
  return new Failure(message);
}

/** A failure behind the outputs of a `try`, on its way past it: what comes after a `try` is not protected by it. */
export class Passing {
  readonly guard: object;
  readonly thrown: unknown;

  constructor(guard: object, thrown: unknown) {
    this.guard = guard;
    this.thrown = thrown;
  }
}

/** Ends the outputs of the label, loop or limit that it names. */
export class Break {
  readonly label: object;

  constructor(label: object) {
    this.label = label;
  }
}

/** A limit of evaluation that was reached. No `try` catches it. */
export class LimitReached extends Error {}

/** A mistake in the text of a program. */
export class JqSyntaxError extends Error {
  /** Offset into the text. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}
