import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { createProgram } from "../src/cli/program.ts";
import { readDocument } from "./support/project/documents.ts";

const MAIN = fileURLToPath(new URL("../src/cli/main.ts", import.meta.url));

const TEST_OF_MORE = ["trigger", "a.b", "--endpoint", "ep_1", "--set", "a=1", "--key", "k"];

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
    expect(status).toBe(2);
    expect(stderr).toBe("error: unknown command 'sevre'\n(Did you mean serve?)\n");
  });

  test.each<[string, string[], string]>([
    ["an option that does not exist", ["serve", "--prot", "1"], "unknown option '--prot'"],
    ["an argument too many", ["backup", "a", "b"], "too many arguments"],
    ["an argument that is missing", ["restore"], "missing required argument 'file'"],
    ["a value that is none", ["resume", "--only", "half"], "Allowed choices are"],
  ])("with %s says so, and ends with 2", (_, args, words) => {
    const { status, stdout, stderr } = curlew(args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain(words);
  });

  test("helps and ends with 0, and ends with 1 when the work cannot be done", () => {
    expect(curlew(["backup", "--help"])).toMatchObject({ status: 0, stderr: "" });
    expect(curlew(["--version"])).toMatchObject({ status: 0, stderr: "" });
    expect(curlew(["restore", "--check", "/no/such.backup"])).toMatchObject({
      ...{ status: 1, stdout: "" },
      stderr: "There is no file /no/such.backup.\n",
    });
  });

  test("the doctor names every variable at fault, to programs as it names other faults", () => {
    const wrong = { CURLEW_PORT: "http", CURLEW_ROLE: "boss" };
    const { status, stdout, stderr } = curlew(["doctor", "--json"], wrong);
    expect({ status, stderr }).toEqual({ status: 1, stderr: "" });
    expect(JSON.parse(stdout)).toEqual([
      { level: "fault", text: "CURLEW_PORT is not a whole number." },
      { level: "fault", text: "CURLEW_ROLE must be all, api or worker." },
    ]);
    expect(curlew(["doctor"], wrong)).toMatchObject({
      status: 1,
      stdout: expect.stringMatching(
        /^Fault: {3}CURLEW_PORT .*\nFault: {3}CURLEW_ROLE .*\n2 faults,/,
      ),
    });
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

describe("the reference of the command line", () => {
  const silent = () => {};
  const deps = { environment: {}, print: silent, complain: silent, version: "1.2.3" };
  const program = createProgram({ ...deps, stopped: () => new AbortController().signal });
  const text = readDocument("docs/reference/cli.md");

  test("names every command and every option, and no other", () => {
    const commands = program.commands.map((command) => command.name());
    expect(commands).toEqual(expect.arrayContaining(["serve", "listen", "trigger", "replay"]));
    const named = [...text.matchAll(/`curlew ([a-z-]+)/g)].map(([, name]) => name);
    expect(new Set(named)).toEqual(new Set(commands));
    const options = program.commands.flatMap((command) => command.options.map(({ long }) => long));
    const shown = [...text.matchAll(/(?<![\w-])--[a-z][a-z-]*/g)].map(([option]) => option);
    expect(new Set(shown.filter((option) => option !== "--help"))).toEqual(new Set(options));
  });
});

describe("a command that asks a server", () => {
  test.each<[string, string[], string]>([
    ["without a key", ["listen"], "Give an API key with --key or as CURLEW_API_KEY"],
    ["with half an address", ["listen", "--server", "ftp://x"], "It is no URL that begins with"],
    ["with a secret that is none", ["listen", "--secret", "foo"], "It is whsec_ and the base64"],
    ["without a type", ["trigger", "--key", "k"], "Say which type"],
    ["with data that is none", ["trigger", "a.b", "--data", "[1]"], "It is no JSON object."],
    [
      "with a change that is none",
      ["trigger", "a.b", "--set", "lead"],
      "It is a path, = and a value",
    ],
    ["with a test of more than a type", TEST_OF_MORE, "leave the rest out"],
    ["with nothing to replay", ["replay", "--key", "k"], "Say what: ids of deliveries"],
    ["with two ways to say what", ["replay", "dlv_1", "--all", "--key", "k"], "Give either ids"],
    ["with a state that is none", ["replay", "--state", "asleep"], "They are dead, delivered"],
    [
      "with a state but no endpoint",
      ["replay", "--all", "--state", "missing", "--key", "k"],
      "give --endpoint and --since",
    ],
  ])("is refused %s, in words, and ends with 2", (_, args, words) => {
    const { status, stdout, stderr } = curlew(args);
    expect(status).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toContain(words);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });

  test("says that the address in its environment is none, without a stack", () => {
    const { status, stderr } = curlew(["listen", "--key", "k"], { CURLEW_SERVER: "ftp://x" });
    expect(status).toBe(2);
    expect(stderr).toMatch(/^The server's address is ftp:\/\/x: .*CURLEW_SERVER.*\n$/);
  });

  test("says where it asked in vain", () => {
    const server = "http://127.0.0.1:9";
    const { status, stderr } = curlew(["replay", "--all", "--key", "k", "--server", server]);
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^Curlew at http:\/\/127\.0\.0\.1:9 does not answer: .*--server says where\.\n$/,
    );
  });

  test("signs with the same secret in every run with a key, which it prints alone", () => {
    const secretFor = (key: string) => curlew(["listen", "--print-secret", "--key", key]).stdout;
    expect(secretFor("a")).toMatch(/^whsec_[A-Za-z0-9+/]{32}\n$/);
    expect(secretFor("a")).toBe(secretFor("a"));
    expect(secretFor("b")).not.toBe(secretFor("a"));
  });
});
