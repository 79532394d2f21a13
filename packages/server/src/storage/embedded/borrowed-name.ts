import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const LIBRARY = "libnss_wrapper.so";
/** Where Debian's libnss-wrapper and Fedora's nss_wrapper put it. */
const PLACES = ["/usr/lib64", "/usr/lib", "/usr/local/lib"];

/** The library that answers questions about users out of files of ours; null where it is not installed. */
export function findNssWrapper(): string | null {
  const triplets = readdirSync("/usr/lib", { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && /-linux-gnu\w*$/.test(entry.name))
    .map((entry) => join("/usr/lib", entry.name));
  const found = [...triplets, ...PLACES]
    .map((place) => join(place, LIBRARY))
    .find((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
  return found ?? null;
}

/**
 * Runs `work` with an environment in which the user that we are has a name. A container's platform
 * may choose any user id (OpenShift does), and initdb alone of all programs asks what it is called.
 * `near` is a directory in which we may write.
 */
export async function withBorrowedName<T>(
  library: string,
  near: string,
  work: (environment: Readonly<Record<string, string>>) => Promise<T>,
): Promise<T> {
  const directory = mkdtempSync(join(near, ".names-"));
  const [passwd, group] = [join(directory, "passwd"), join(directory, "group")];
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
  try {
    writeFileSync(passwd, `curlew:x:${uid}:${gid}:Curlew:/:/bin/sh\n`);
    writeFileSync(group, `curlew:x:${gid}:\n`);
    return await work({
      LD_PRELOAD: library,
      NSS_WRAPPER_PASSWD: passwd,
      NSS_WRAPPER_GROUP: group,
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
