import { describe, expect, test } from "vitest";
import { signal } from "../fixtures/signal.ts";
import { createResolve, type NameServices } from "./resolve-host.ts";

const failure = (code: string) => Object.assign(new Error(code), { code });

/** Name services that know what they are told, and note what they are asked. */
function services(known: Record<string, string[] | Error>): NameServices & { asked: string[] } {
  const asked: string[] = [];
  const look = async (way: string, host: string) => {
    asked.push(`${way} ${host}`);
    const answer = known[`${way} ${host}`] ?? failure("ENOTFOUND");
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return {
    asked,
    query: (host, type) => look(type, host),
    system: (host) => look("system", host),
  };
}

describe("the addresses of a name", () => {
  test("are all that DNS has, of both families", async () => {
    const names = services({ "A a.example": ["192.0.2.1"], "AAAA a.example": ["2001:db8::1"] });
    expect(await createResolve(names)("a.example")).toEqual(["192.0.2.1", "2001:db8::1"]);
    expect(names.asked).not.toContain("system a.example");
  });

  test("of one family are enough", async () => {
    const names = services({ "A a.example": ["192.0.2.1"], "AAAA a.example": failure("ENODATA") });
    expect(await createResolve(names)("a.example")).toEqual(["192.0.2.1"]);
  });

  test("come from the system when DNS knows none: hosts file, search domains", async () => {
    const names = services({ "system db.internal": ["10.0.0.7"] });
    expect(await createResolve(names)("db.internal")).toEqual(["10.0.0.7"]);
  });

  test.each(["localhost", "backend", "app.localhost"])(
    "come from the system alone for %s",
    async (host) => {
      const names = services({ [`system ${host}`]: ["127.0.0.1"] });
      expect(await createResolve(names)(host)).toEqual(["127.0.0.1"]);
      expect(names.asked).toEqual([`system ${host}`]);
    },
  );

  test("are not asked of the system, whose threads all share, when a name server hangs", async () => {
    const names = services({ "A slow.example": failure("ETIMEOUT") });
    await expect(createResolve(names)("slow.example")).rejects.toMatchObject({ code: "ETIMEOUT" });
    expect(names.asked).not.toContain("system slow.example");
  });

  test("that nobody knows are an error", async () => {
    await expect(createResolve(services({}))("no.example")).rejects.toMatchObject({
      code: "ENOTFOUND",
    });
  });
});

test("many who ask for one name at once ask once, and later anew", async () => {
  const names = services({ "A a.example": ["192.0.2.1"] });
  const resolve = createResolve(names);
  await Promise.all([resolve("a.example"), resolve("a.example"), resolve("a.example")]);
  expect(names.asked).toEqual(["A a.example", "AAAA a.example"]);
  await resolve("a.example");
  expect(names.asked).toHaveLength(4);
});

test("the system is asked for two names at a time", async () => {
  const asked: string[] = [];
  const gates = new Map(["one", "two", "three", "four"].map((host) => [host, signal()]));
  const resolve = createResolve({
    query: () => Promise.reject(failure("ENOTFOUND")),
    async system(host) {
      asked.push(host);
      await gates.get(host)?.seen;
      if (host === "two") throw failure("ENOTFOUND");
      return [host];
    },
  });
  const [one, two, three, four] = [...gates.keys()].map((host) => resolve(host));
  expect(asked).toEqual(["one", "two"]);
  gates.get("two")?.give();
  await expect(two).rejects.toThrow();
  gates.get("three")?.give();
  expect(await three).toEqual(["three"]);
  gates.get("four")?.give();
  gates.get("one")?.give();
  expect(await Promise.all([one, four])).toEqual([["one"], ["four"]]);
});
