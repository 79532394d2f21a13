import { createReadStream } from "node:fs";
import { copyFile, mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { FileStore } from "../../core/outside/file-store.ts";
import { isDayBefore, placeOfFile } from "./file-place.ts";

/** Keeps files below a directory, which several processes may share. */
export function createDirectoryStore(directory: string): FileStore {
  const pathOf = (id: string) => join(directory, placeOfFile(id));
  return {
    async put(id, { path }) {
      const target = pathOf(id);
      await mkdir(dirname(target), { recursive: true, mode: 0o700 });
      await flush(path);
      await rename(path, target).catch(async (error: unknown) => {
        // The temporary file may lie on another disk.
        if (codeOf(error) !== "EXDEV") throw error;
        await copyFile(path, `${target}.part`);
        await flush(`${target}.part`);
        await rename(`${target}.part`, target);
        await rm(path, { force: true });
      });
    },
    async open(id, range) {
      const path = pathOf(id);
      const found = await stat(path).catch(nothingThere);
      if (found === null) return null;
      return { bytes: found.size, stream: createReadStream(path, range ?? {}) };
    },
    async remove(id) {
      await rm(pathOf(id), { force: true });
    },
    async removeBefore(at) {
      const names = (await readdir(directory).catch(nothingThere)) ?? [];
      const days = names.filter((name) => isDayBefore(name, at));
      for (const day of days) await rm(join(directory, day), { recursive: true, force: true });
      return days.length;
    },
  };
}

/** What was told to be here must be here after a power cut too. */
async function flush(path: string): Promise<void> {
  const file = await open(path, "r");
  try {
    await file.datasync();
  } finally {
    await file.close();
  }
}

function nothingThere(error: unknown): null {
  if (codeOf(error) === "ENOENT") return null;
  throw error;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
