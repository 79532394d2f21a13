import { createPrivateKey, X509Certificate } from "node:crypto";
import { createSecureContext } from "node:tls";
import { z } from "@hono/zod-openapi";
import { type EndpointAuth, shownAuth } from "../../core/endpoints/endpoint-auth.ts";
import { ENDPOINT_LIMITS as LIMITS } from "../../core/endpoints/endpoint-rules.ts";
import type { Vault } from "../../runtime/secrets/vault.ts";
import { authPlace, type EndpointDraft, headersPlace } from "../../storage/endpoints/endpoints.ts";
import { fieldRefused } from "../api.ts";

/** What stands in an answer for a value that is never shown. Given back, it means: as it was. */
const HIDDEN = "***";

const text = z.string().min(1).max(1024);
const secret = z.string().min(1).max(4096);
const pem = z.string().max(LIMITS.pemLength);

const clientCertificate = z
  .strictObject({
    certificate: pem.openapi({ description: "In PEM, with its chain" }),
    private_key: pem.openapi({ description: "In PEM, without a passphrase" }),
  })
  .check((ctx) => {
    const { certificate, private_key: key } = ctx.value;
    const refuse = (path: string, message: string) =>
      void ctx.issues.push({ code: "custom", message, path: [path], input: "" });
    const parsed = attempt(() => new X509Certificate(certificate));
    const privateKey = attempt(() => createPrivateKey(key));
    if (!parsed) refuse("certificate", "is not a certificate in PEM");
    if (!privateKey) refuse("private_key", "is not a private key in PEM without a passphrase");
    if (!parsed || !privateKey) return;
    if (!parsed.checkPrivateKey(privateKey)) {
      return refuse("private_key", "is not the certificate's key");
    }
    // What this Node's OpenSSL takes to be weak would fail every delivery.
    const unfit = reasonOf(() => createSecureContext({ cert: certificate, key }));
    if (unfit !== null) refuse("certificate", `cannot be used for TLS: ${unfit}`);
  });

const common = { client_certificate: clientCertificate.optional() };

/** How we authenticate to an endpoint. */
export const AuthBody = z
  .discriminatedUnion("type", [
    z.strictObject({
      type: z.literal("basic"),
      username: text.regex(/^[^:\p{Cc}]+$/u, "may hold no colon and no control characters"),
      password: secret,
      ...common,
    }),
    z.strictObject({
      type: z.literal("bearer"),
      token: secret.regex(/^[\x21-\x7e]+$/, "must be printable ASCII without spaces"),
      ...common,
    }),
    z.strictObject({
      type: z.literal("oauth2"),
      token_url: z.string().min(1).max(LIMITS.urlLength),
      client_id: text,
      client_secret: secret,
      scope: text.optional(),
      audience: text.optional(),
      client_auth: z.enum(["basic", "body"]).default("basic").openapi({
        description: "Whether id and secret go in the `Authorization` header or in the form",
      }),
      ...common,
    }),
    z.strictObject({
      type: z.literal("client_certificate"),
      client_certificate: clientCertificate,
    }),
  ])
  .openapi("EndpointAuth", {
    description:
      "How Curlew authenticates to the endpoint: basic, bearer, OAuth 2.0 client credentials, and a client certificate with any of them or alone. Secrets are never shown again",
  });

export const ShownAuth = z
  .object({
    type: z.enum(["basic", "bearer", "oauth2", "client_certificate"]),
    username: z.string().optional(),
    token_url: z.string().optional(),
    client_id: z.string().optional(),
    scope: z.string().optional(),
    audience: z.string().optional(),
    client_auth: z.enum(["basic", "body"]).optional(),
    client_certificate: z
      .object({ subject: z.string(), fingerprint_sha256: z.string(), expires_at: z.string() })
      .optional(),
  })
  .openapi("ShownEndpointAuth", { description: "What of the authentication is no secret" });

type AuthColumns = Pick<EndpointDraft, "auth" | "authShown">;

export function sealAuth(vault: Vault, id: string, auth: EndpointAuth | null): AuthColumns {
  if (auth === null) return { auth: null, authShown: null };
  const { client_certificate: own } = auth;
  return {
    auth: vault.seal(JSON.stringify(auth), authPlace(id)),
    authShown: JSON.stringify(shownAuth(auth, own ? describe(own.certificate) : null)),
  };
}

type HeaderColumns = Pick<EndpointDraft, "headers" | "headerNames">;

/** Seals an endpoint's own headers; those that are given back hidden keep the value that they had. */
export function sealHeaders(
  vault: Vault,
  id: string,
  given: Record<string, string>,
  before: string | null,
): HeaderColumns {
  const known = before === null ? {} : openHeaders(vault, id, before);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    const kept = value === HIDDEN ? known[name] : value;
    if (kept === undefined) throw fieldRefused(`/headers/${name}`, "has no value to keep");
    headers[name] = kept;
  }
  const names = Object.keys(headers);
  if (names.length === 0) return { headers: null, headerNames: [] };
  return { headers: vault.seal(JSON.stringify(headers), headersPlace(id)), headerNames: names };
}

function openHeaders(vault: Vault, id: string, text: string): Record<string, string> {
  const json = text.startsWith("{") ? text : vault.open(text, headersPlace(id));
  return JSON.parse(json) as Record<string, string>; // as our own schema let it in
}

/** An endpoint's own headers as they are shown: by name. */
export function hiddenHeaders(endpoint: HeaderColumns): Record<string, string> {
  const { headers, headerNames } = endpoint;
  const inClear = headers?.startsWith("{") ? Object.keys(JSON.parse(headers)) : [];
  return Object.fromEntries((headerNames ?? inClear).map((name) => [name, HIDDEN]));
}

function describe(certificate: string) {
  const { subject, fingerprint256, validTo } = new X509Certificate(certificate);
  return {
    subject: subject.replaceAll("\n", ", "),
    fingerprint_sha256: fingerprint256,
    expires_at: new Date(validTo).toISOString(),
  };
}

/** What OpenSSL has against it, in its own words; null when it has nothing. */
function reasonOf(make: () => unknown): string | null {
  try {
    make();
    return null;
  } catch (error) {
    const { reason } = error as { reason?: unknown };
    return typeof reason === "string" ? reason : "OpenSSL refuses it";
  }
}

function attempt<T>(make: () => T): T | null {
  try {
    return make();
  } catch {
    return null;
  }
}
