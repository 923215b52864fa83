import type { ApiOperation } from "./api_operation.ts";

// A part of a path counts as a whole: `/authors` has nothing to do with signing in.
const anyWord = /^(o?auth|authenticate|authentication|tokens?|sessions?|registration)$|(login|register|signup|signin)$/;
const registerWord = /(register|signup)$|^registration$/;
const loginWord = /(login|signin)$|^(authenticate|tokens?|sessions?)$/;

/** The operations that sign a user in and up. */
export interface AuthOperations {
  readonly login: ApiOperation | undefined;
  readonly register: ApiOperation | undefined;
}

/** Finds how users sign in, by the paths of POST operations. */
export function findAuth(operations: readonly ApiOperation[]): AuthOperations {
  const candidates = operations.filter(
    ({ method, path, pathParams }) => method === "POST" && pathParams.length === 0 && isAuthPath(path),
  );
  const endsWith = (pattern: RegExp) => candidates.find(({ path }) => pattern.test(wordsOf(path).at(-1) ?? ""));
  // `POST /auth` alone also signs in, `POST /auth/logout` does not.
  return { login: endsWith(loginWord) ?? endsWith(/^o?auth$/), register: endsWith(registerWord) };
}

/** Whether a part of the path is about signing in or up. */
export function isAuthPath(path: string): boolean {
  return wordsOf(path).some((word) => anyWord.test(word));
}

function wordsOf(path: string): readonly string[] {
  return path.split("/").map((part) => part.toLowerCase().replaceAll(/[^a-z0-9]/g, ""));
}
