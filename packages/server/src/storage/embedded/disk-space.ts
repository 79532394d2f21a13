import { statfs } from "node:fs/promises";

/** What is free for us where a directory lies, in bytes. */
export async function freeBytes(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}
