import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A file system of its own, small enough to be filled. It goes with the test. */
export interface SmallDisk {
  /** A directory on it. */
  readonly directory: string;
  freeBytes(): Promise<number>;
  /** Takes all but so much of what is free. */
  fill(leaveBytes: number): Promise<void>;
  /** Gives back what `fill` has taken. */
  makeRoom(): void;
}

/** Why none can be had here; null where it can. */
export function whyNoSmallDisk(): string | null {
  if (process.platform !== "linux") return "file systems are mounted on Linux alone";
  const directory = mkdtempSync(join(tmpdir(), "curlew-mount-"));
  try {
    mount(directory, 1);
    execFileSync("umount", [directory], { stdio: "ignore" });
    return null;
  } catch {
    return "mounting takes more rights than this process has";
  } finally {
    rmdirSync(directory);
  }
}

export function openSmallDisk(megabytes: number): SmallDisk {
  const mountPoint = mkdtempSync(join(tmpdir(), "curlew-disk-"));
  mount(mountPoint, megabytes);
  onTestFinished(() => {
    // Whatever still runs there was told to end; what it holds open goes when it has.
    execFileSync("umount", ["--lazy", mountPoint], { stdio: "ignore" });
    rmSync(mountPoint, { recursive: true, force: true });
  });
  const directory = join(mountPoint, "data");
  mkdirSync(directory, { mode: 0o700 });
  const ballast = join(mountPoint, "ballast");
  const freeBytes = async () => {
    const { bavail, bsize } = await statfs(mountPoint);
    return bavail * bsize;
  };
  return {
    directory,
    freeBytes,
    async fill(leaveBytes) {
      writeFileSync(ballast, Buffer.alloc(Math.max(0, (await freeBytes()) - leaveBytes)));
    },
    makeRoom: () => rmSync(ballast, { force: true }),
  };
}

function mount(directory: string, megabytes: number): void {
  const options = `size=${megabytes}m,mode=0755`;
  execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", directory], { stdio: "ignore" });
}
