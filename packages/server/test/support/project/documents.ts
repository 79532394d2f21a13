import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../../../../../", import.meta.url));

export const TOP_DOCUMENTS = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"];

/** Every document, by its path below the root. */
export function allDocuments(): string[] {
  return [...TOP_DOCUMENTS, "CHANGELOG.md", ...markdownBelow("docs")];
}

export function readDocument(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

export function markdownBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".md"))
    .map((path) => `${folder}/${path}`);
}

export interface NamedRoute {
  /** Null where the document does not say it. */
  method: string | null;
  /** As OpenAPI writes it, with `{id}` for what differs from request to request. */
  path: string;
}

/** The routes below `/v1` and `/in` that a document names, in words and in commands. */
export function routesIn(text: string): NamedRoute[] {
  const route =
    /(?:\b(GET|POST|PATCH|PUT|DELETE) )?(?:https?:\/\/[^\s/]+)?(\/(?:v1|in)\/[\w{}<>$-][\w{}<>$/-]*)/g;
  const pages = text.replaceAll(/https:\/\/www\.linkedin\.com\/in\/[\w-]+/g, ""); // people's pages, not ours
  return [...pages.matchAll(route)].map(([, method, path = ""]) => ({
    method: method ?? null,
    path: path
      .split("/")
      .map((part) => (/[<{$]|^[a-z]+_[0-9a-z]{26}/.test(part) ? "{id}" : part))
      .join("/"),
  }));
}

/** The metrics of ours that a document names. */
export function metricsIn(text: string): string[] {
  return [...text.matchAll(/`(curlew_[a-z_]+)`/g)].map(([, name = ""]) => name);
}

/** The contents of a document's fenced blocks of a language. */
export function blocksIn(text: string, language: string): string[] {
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].flatMap(([, found, block = ""]) =>
    found === language ? [block] : [],
  );
}
