import { resolve } from "node:path";
import { defineModule } from "../../define/define.ts";
import { WorkflowError } from "../../error/error.ts";
import { ArtifactStore } from "../../port/artifact_store.ts";
import { choice, path, size, Type } from "../../schema/field.ts";
import { FileArtifacts } from "./file/file_artifacts.ts";

/** Keeps artifacts with their metadata. */
export default defineModule({
  type: "storage.artifact",
  summary: "Store for artifacts such as build results, with metadata beside each, for the artifact steps.",
  category: "storage",
  provides: [ArtifactStore],
  carry: "instance",
  config: Type.Object({
    backend: choice(["filesystem", "s3", "gcs"], {
      description: "Where artifacts are kept. `s3` works with `endpoint: local` only, and `gcs` not yet.",
      default: "filesystem",
      invalid: "error",
    }),
    endpoint: Type.Optional(
      Type.String({ description: "With `backend: s3`: `local` keeps the artifacts in `basePath` instead of S3." }),
    ),
    basePath: Type.Optional(
      Type.String({
        description: "Directory of the artifacts; `./data/artifacts`, or `./data/artifacts-s3-local` with `s3`.",
        minLength: 1,
      }),
    ),
    directory: path({
      description: "Directory that a relative `basePath` starts from; the working directory without it.",
      base: "work",
      default: ".",
    }),
    maxSize: size({ description: "Most bytes of one artifact; 0 for no limit.", default: 0, minimum: 0 }),
  }),
  create({ name, at, runtime }, { backend, endpoint, basePath, directory, maxSize }) {
    if (backend === "gcs" || (backend === "s3" && endpoint !== "local")) {
      const text = `artifact store "${name}": backend ${backend} is not available in this build`;
      const hint = "use backend: filesystem, or backend: s3 with endpoint: local";
      throw new WorkflowError("config.unavailable_type", text, { at: [at], hint });
    }
    const usual = backend === "s3" ? "data/artifacts-s3-local" : "data/artifacts";
    const { clock, uuid } = runtime;
    const options = { name, path: resolve(directory, basePath ?? usual), bytesMax: maxSize, clock, uuid };
    const service = new FileArtifacts(options);
    return { service, start: () => service.start() };
  },
});
