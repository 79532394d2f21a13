import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const MAIN = fileURLToPath(new URL("../src/cli/main.ts", import.meta.url));

function curlew(args: string[], env: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", "tsx", MAIN, ...args],
    { env, encoding: "utf8" },
  );
  return { status, stdout, stderr };
}

describe("curlew", () => {
  test("names every variable at fault in one message, without a stack, and ends with 1", () => {
    const wrong = { CURLEW_PORT: "http", CURLEW_ROLE: "boss" };
    for (const command of [["serve"], [], ["migrate"], ["config"]]) {
      const { status, stderr } = curlew(command, wrong);
      expect(status).toBe(1);
      expect(stderr).toMatch(
        /^The environment is not right:\n {2}CURLEW_PORT .*\n {2}CURLEW_ROLE .*\n$/,
      );
    }
  });

  test("names the nearest command for one that does not exist", () => {
    const { status, stderr } = curlew(["sevre"]);
    expect(status).toBe(1);
    expect(stderr).toBe("error: unknown command 'sevre'\n(Did you mean serve?)\n");
  });

  test("config shows what holds, with secrets masked and slips pointed out", () => {
    const { status, stdout, stderr } = curlew(["config"], {
      CURLEW_ADMIN_KEY: "a-key-that-nobody-should-read",
      CURLEW_HOSTS: "0.0.0.0",
    });
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ host: "127.0.0.1", adminKey: "[secret]" });
    expect(stderr).toBe("Warning: CURLEW_HOSTS is not known; did you mean CURLEW_HOST?\n");
  });

  test("listen looks for the server at the port that the environment names", () => {
    const serverIn = (env: Record<string, string>) =>
      /default:\s+"(.*)"/.exec(curlew(["listen", "--help"], env).stdout)?.[1];
    expect(serverIn({})).toBe("http://127.0.0.1:8400");
    expect(serverIn({ CURLEW_PORT: "8471" })).toBe("http://127.0.0.1:8471");
  });

  test("version prints the version alone", () => {
    expect(curlew(["version"])).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
  });
});
