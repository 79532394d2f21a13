import { randomBytes } from "node:crypto";
import { hash, verify } from "@node-rs/argon2";
import { type BetterAuthOptions, betterAuth } from "better-auth";
import { twoFactor } from "better-auth/plugins/two-factor";
import type { Logger } from "../core/log.ts";
import type { Queryable } from "../core/recording.ts";
import type { Vault } from "../runtime/vault.ts";
import { keepSignInSecret } from "../storage/members.ts";
import type { SignInDatabase } from "../storage/sign-in-database.ts";

/** What a request's peer is told to better-auth by; whatever a client sends under it is dropped. */
export const PEER_HEADER = "x-curlew-peer";
export const SIGN_IN_PATH = "/auth";

export const SHORTEST_PASSWORD = 10;
export const LONGEST_PASSWORD = 128;

/** OWASP's: 19 MiB, two rounds, about 20 ms. */
const ARGON2 = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const WEEK_S = 7 * 86_400;
const DAY_S = 86_400;

export interface SignInDeps {
  database: SignInDatabase;
  /** What sessions are signed with. */
  secret: string;
  /** Where people reach the dashboard, or null while nobody has said. */
  publicUrl: string | null;
  logger: Logger;
}

export interface SignedIn {
  person: { id: string; name: string; email: string };
}

/** Who signs in, and how: better-auth behind the three things that the rest of Curlew asks of it. */
export interface SignIn {
  /** Answers a request below `/auth` as better-auth does. */
  handle(request: Request): Promise<Response>;
  /** Who a request's cookie says it is; null for nobody. */
  whoIs(headers: Headers): Promise<SignedIn | null>;
  hashPassword(password: string): Promise<string>;
}

export function createSignIn({ database, secret, publicUrl, logger }: SignInDeps): SignIn {
  const isSecure = publicUrl?.startsWith("https:") ?? false;
  const options = {
    appName: "Curlew",
    basePath: SIGN_IN_PATH,
    ...(publicUrl === null ? {} : { baseURL: publicUrl }),
    secret,
    telemetry: { enabled: false },
    logger: {
      log: (level, message) => logger[level === "error" ? "warn" : "debug"]({ message }, "sign-in"),
    },
    database,
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: SHORTEST_PASSWORD,
      maxPasswordLength: LONGEST_PASSWORD,
      password: {
        hash: hashPassword,
        verify: ({ hash: kept, password }) => verify(kept, password),
      },
    },
    user: {
      modelName: "person",
      fields: {
        emailVerified: "email_verified",
        createdAt: "created_at",
        updatedAt: "updated_at",
      },
    },
    session: {
      modelName: "sign_in",
      expiresIn: WEEK_S,
      updateAge: DAY_S,
      fields: {
        userId: "person_id",
        expiresAt: "expires_at",
        ipAddress: "ip_address",
        userAgent: "user_agent",
        createdAt: "created_at",
        updatedAt: "updated_at",
      },
    },
    account: {
      modelName: "credential",
      fields: {
        userId: "person_id",
        accountId: "account_id",
        providerId: "provider_id",
        accessToken: "access_token",
        refreshToken: "refresh_token",
        idToken: "id_token",
        accessTokenExpiresAt: "access_token_expires_at",
        refreshTokenExpiresAt: "refresh_token_expires_at",
        createdAt: "created_at",
        updatedAt: "updated_at",
      },
    },
    verification: {
      modelName: "verification",
      fields: { expiresAt: "expires_at", createdAt: "created_at", updatedAt: "updated_at" },
    },
    rateLimit: {
      enabled: true,
      window: 60,
      max: 100,
      customRules: {
        "/sign-in/email": { window: 60, max: 10 },
        "/two-factor/*": { window: 60, max: 10 },
        "/change-password": { window: 60, max: 10 },
        "/get-session": false,
      },
    },
    advanced: {
      useSecureCookies: isSecure,
      ipAddress: { ipAddressHeaders: [PEER_HEADER] },
      // `__Host-` holds a cookie to this very host; browsers take the name over HTTPS alone.
      cookies: { session_token: { name: isSecure ? "__Host-curlew" : "curlew" } },
      defaultCookieAttributes: { sameSite: "lax", httpOnly: true, secure: isSecure, path: "/" },
    },
    plugins: [
      twoFactor({
        issuer: "Curlew",
        schema: {
          user: { fields: { twoFactorEnabled: "two_factor_enabled" } },
          twoFactor: {
            modelName: "two_factor",
            fields: {
              userId: "person_id",
              backupCodes: "backup_codes",
              failedVerificationCount: "failed_verification_count",
              lockedUntil: "locked_until",
            },
          },
        },
      }),
    ],
  } satisfies BetterAuthOptions;
  const auth = betterAuth(options);
  return {
    handle: (request) => auth.handler(request),
    async whoIs(headers) {
      const found = await auth.api.getSession({ headers });
      if (!found) return null;
      const { id, name, email } = found.user;
      return { person: { id, name, email } };
    },
    hashPassword,
  };
}

function hashPassword(password: string): Promise<string> {
  return hash(password, ARGON2);
}

/**
 * What sessions are signed with: made once, and kept sealed. Where none of the master keys opens it,
 * the server serves on with one that ends with the process.
 */
export async function ensureSignInSecret(
  db: Queryable,
  vault: Vault,
  logger: Logger,
): Promise<string> {
  const place = { table: "instance", row: "sign_in", column: "sign_in_secret" };
  const fresh = randomBytes(32).toString("base64url");
  const kept = await keepSignInSecret(db, vault.seal(fresh, place));
  try {
    return vault.open(kept, place);
  } catch (error) {
    logger.error(
      { err: error },
      "what sessions are signed with cannot be opened with any of the master keys; who signs in now is signed out by the next start",
    );
    return fresh;
  }
}
