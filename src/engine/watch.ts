import { type FSWatcher, watch } from "node:fs";
import { dirname } from "node:path";
import { loadConfigFile } from "../config/load.ts";
import { messageOf } from "../error/error.ts";
import { formatProblem } from "../error/format.ts";
import type { Logger } from "../log/logger.ts";
import type { Engine } from "./engine.ts";

/** Editors write a file in several steps; a reload waits until it has been quiet this long, in milliseconds. */
const quietMs = 500;

/**
 * Reloads when the configuration file or a file it imports changes its content. Directories are watched, not files, since
 * editors and Kubernetes replace files by renaming. Returns a function that ends it.
 */
export function watchFiles(engine: Engine, configFile: string, log: Logger): () => void {
  const watchers = new Map<string, FSWatcher>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let lastTexts = textsOf(engine);
  const schedule = () => {
    clearTimeout(timer);
    timer = setTimeout(() => void reload(), quietMs);
  };
  const follow = () => {
    const directories = new Set(engine.config?.files.map((file) => dirname(file.path)) ?? []);
    for (const directory of directories) {
      if (!watchers.has(directory)) watchers.set(directory, watch(directory, { persistent: false }, schedule));
    }
  };
  const reload = async () => {
    try {
      const config = loadConfigFile(configFile);
      const texts = JSON.stringify(config.files);
      if (texts === lastTexts) return;
      lastTexts = texts;
      log.info("Config file changed, reloading", { file: configFile });
      const { warnings } = await engine.apply(config);
      for (const warning of warnings) log.warn(formatProblem(warning));
      follow();
    } catch (error) {
      log.error("Config reload failed", { error: messageOf(error) });
    }
  };
  follow();
  return () => {
    clearTimeout(timer);
    for (const watcher of watchers.values()) watcher.close();
  };
}

function textsOf(engine: Engine): string {
  return JSON.stringify(engine.config?.files ?? []);
}
