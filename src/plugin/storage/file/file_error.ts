/** The system's code of a failed file operation, such as `ENOENT`; undefined for other errors. */
export function fileErrorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
