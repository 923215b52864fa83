import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { defineSecretProvider } from "../../define/define.ts";
import { messageOf, WorkflowError } from "../../error/error.ts";

/** Files of a directory, one value each, as Kubernetes mounts secrets. */
export default defineSecretProvider({
  scheme: "file",
  summary: "Files of the directory in WORKFLOW_SECRETS_DIR (default /etc/secrets): ${file:name}.",
  open(environment) {
    const directory = environment.WORKFLOW_SECRETS_DIR ?? "/etc/secrets";
    return {
      async fetch(key, signal) {
        if (key === "" || key.includes("..") || key.startsWith("/") || key.includes("\0")) {
          throw new WorkflowError("secret.unavailable", `"${key}" is not the name of a secret file`);
        }
        try {
          const text = await readFile(join(directory, key), { encoding: "utf8", signal });
          return text.replace(/[\r\n]+$/, "");
        } catch (error) {
          if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
          throw new WorkflowError("secret.unavailable", `cannot read secret file "${key}": ${messageOf(error)}`, {
            cause: error,
          });
        }
      },
    };
  },
});
