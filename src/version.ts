// The build replaces these two names by literals (script/executable.ts); from source they do not exist.
declare const __WORKFLOW_VERSION__: string | undefined;
declare const __WORKFLOW_COMMIT__: string | undefined;

/** The release this program was built as, without a leading `v`; `0.0.0-source` when it runs from source. */
export const version: string = typeof __WORKFLOW_VERSION__ === "undefined" ? "0.0.0-source" : __WORKFLOW_VERSION__;

/** The commit this program was built from, twelve hexadecimal digits, or `unknown`. */
export const commit: string = typeof __WORKFLOW_COMMIT__ === "undefined" ? "unknown" : __WORKFLOW_COMMIT__;
