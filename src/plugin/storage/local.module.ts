import { defineModule } from "../../define/define.ts";
import { FileStore } from "../../port/file_store.ts";
import { path, Type } from "../../schema/field.ts";
import { LocalFiles } from "./file/local_files.ts";

/** Files below a directory, for what refers to it. */
export default defineModule({
  type: "storage.local",
  summary: "Files below a local directory, which no path leaves.",
  category: "storage",
  provides: [FileStore],
  carry: "instance",
  config: Type.Object({
    rootDir: path({
      description: "Directory of the files, from the working directory; it is created when it is missing.",
      base: "work",
    }),
  }),
  create({ name, runtime }, { rootDir }) {
    const service = new LocalFiles({ name, path: rootDir, clock: runtime.clock, uuid: runtime.uuid });
    return { service, start: () => service.start() };
  },
});
