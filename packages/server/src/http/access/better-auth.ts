import { hash, verify } from "@node-rs/argon2";
import { type BetterAuthOptions, betterAuth } from "better-auth";
import { APIError } from "better-auth/api";
import { twoFactor } from "better-auth/plugins/two-factor";
import {
  LONGEST_PASSWORD,
  PEER_HEADER,
  SHORTEST_PASSWORD,
  SIGN_IN_PATH,
  type SignIn,
  type SignInDeps,
} from "./sign-in.ts";

/** OWASP's: 19 MiB, two rounds, about 20 ms. */
const ARGON2 = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const WEEK_S = 7 * 86_400;
const DAY_S = 86_400;
const VERIFY_TOTP = "/two-factor/verify-totp";
const CODE_IS_USED = "This code was used already: sign in again, with the next one";

/** better-auth as we use it: a library of 38 MB, so `createSignIn` opens it when somebody signs in. */
export function openBetterAuth(deps: SignInDeps): SignIn {
  const { database, secret, publicUrl, logger, useUpCode } = deps;
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
      // Otherwise who signed in a day ago could no longer see where they are signed in.
      freshAge: 0,
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
    // Here the code was found right, and nobody is in yet. better-auth itself takes a code as often as it comes.
    databaseHooks: {
      session: {
        create: {
          async before({ userId }, context) {
            if (context?.path !== VERIFY_TOTP) return;
            if (await useUpCode(userId, String(context.body.code))) return;
            throw new APIError("UNAUTHORIZED", { message: CODE_IS_USED });
          },
        },
      },
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
