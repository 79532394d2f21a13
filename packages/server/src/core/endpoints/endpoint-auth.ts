/** How we authenticate to an endpoint. All of it is sealed; `shownAuth` is what may be read again. */
export type EndpointAuth = HeaderAuth & { client_certificate?: ClientCertificate | undefined };

type HeaderAuth =
  | { type: "basic"; username: string; password: string }
  | { type: "bearer"; token: string }
  | ({ type: "oauth2" } & ClientCredentials)
  | { type: "client_certificate" };

/** OAuth 2.0 client credentials: where a token is asked for, and how. */
export interface ClientCredentials {
  token_url: string;
  client_id: string;
  client_secret: string;
  scope?: string | undefined;
  audience?: string | undefined;
  /** Whether id and secret go in the `Authorization` header or in the form. */
  client_auth: "basic" | "body";
}

/** PEM. */
export interface ClientCertificate {
  certificate: string;
  private_key: string;
}

/** What of an authentication is no secret. */
export function shownAuth(
  auth: EndpointAuth,
  certificate: { subject: string; fingerprint_sha256: string; expires_at: string } | null,
) {
  const shown = { type: auth.type, ...(certificate && { client_certificate: certificate }) };
  if (auth.type === "basic") return { ...shown, username: auth.username };
  if (auth.type !== "oauth2") return shown;
  const { token_url, client_id, scope, audience, client_auth } = auth;
  return { ...shown, token_url, client_id, scope, audience, client_auth };
}

/** The `Authorization` header that stands for itself; null where a token has to be fetched, or none goes. */
export function authorization(auth: EndpointAuth): string | null {
  if (auth.type === "basic") return basic(auth.username, auth.password);
  return auth.type === "bearer" ? `Bearer ${auth.token}` : null;
}

export function basic(username: string, password: string): string {
  const bytes = new TextEncoder().encode(`${username}:${password}`);
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}
