import type { FieldError } from "../calls/curlew-error.ts";
import { listCalls, type PageQuery, wholeList } from "../calls/page.ts";
import type { RequestOptions, Transport } from "../calls/transport.ts";
import type { Jwk } from "../webhooks/sealed.ts";

export type EndpointState = "pending" | "enabled" | "disabled" | "paused";

/** What can be said of an endpoint, when it is made and later. */
export interface EndpointFields {
  name: string;
  url: string;
  description?: string | null;
  /** What the dialect leaves to the endpoint. */
  dialect_options?: Readonly<Record<string, boolean | number | string>>;
  /** A second dialect, in which deliveries can be looked at; nothing is sent in it. */
  shadow_dialect?: string | null;
  /** A public key as JWK (`makeHoldKey`): bodies under purge are sealed to it, kept so, and retried. */
  hold_key?: Jwk | null;
  /** Types, prefixes such as `message.*`, the dialect's own names, or `*`. */
  events?: readonly string[];
  /** Kinds or ids of channels; none stands for all. */
  channels?: readonly string[];
  account_ids?: readonly string[];
  campaign_ids?: readonly (string | number)[];
  custom_fields?: readonly string[];
  /** Seconds to wait after each failure; null for the dialect's own. */
  retry_schedule?: readonly number[] | null;
  timeout_ms?: number | null;
  ordering?: "parallel" | "conversation";
  /** Requests a second. */
  rate_limit?: number | null;
  /** Of your own. Values are shown as `***`, which keeps one when it is given back. */
  headers?: Readonly<Record<string, string>>;
  filter?: Readonly<Record<string, unknown>> | null;
  auth?: EndpointAuth | null;
  metadata?: Readonly<Record<string, string>>;
}

/** How Curlew authenticates to an endpoint. Secrets are never shown again. */
export type EndpointAuth = (
  | { type: "basic"; username: string; password: string }
  | { type: "bearer"; token: string }
  | {
      type: "oauth2";
      token_url: string;
      client_id: string;
      client_secret: string;
      scope?: string;
      audience?: string;
      client_auth?: "basic" | "body";
    }
  | { type: "client_certificate" }
) & {
  /** In PEM; with any of them, and required with the last one. */
  client_certificate?: { certificate: string; private_key: string };
};

export interface EndpointDraft extends EndpointFields {
  dialect?: string;
  /** Made for you when absent. */
  secret?: string | null;
  enabled?: boolean;
}

export interface Endpoint {
  id: string;
  serial: number;
  /** Of one that was made with the key of an account: it gets nothing but that account's. */
  account_id: string | null;
  name: string;
  description: string | null;
  url: string;
  dialect: string;
  dialect_options: Record<string, boolean | number | string>;
  shadow_dialect: string | null;
  hold_key: Record<string, string> | null;
  events: string[];
  channels: string[];
  account_ids: string[];
  campaign_ids: string[];
  custom_fields: string[];
  retry_schedule: number[];
  timeout_ms: number;
  ordering: "parallel" | "conversation";
  rate_limit: number | null;
  headers: Record<string, string>;
  filter: Record<string, unknown> | null;
  has_auth: boolean;
  /** What of the authentication is no secret. */
  auth: ShownEndpointAuth | null;
  metadata: Record<string, string>;
  secrets: EndpointSecret[];
  state: EndpointState;
  state_reason: string | null;
  /** When it last sent a token back, at the URL that it has. */
  verified_at: string | null;
  created_at: string;
  updated_at: string;
  /** In the answer to whoever sets `events`: what looks like a slip, and what nobody has described. */
  warnings?: FieldError[];
}

/** What of an authentication is no secret. */
export interface ShownEndpointAuth {
  type: EndpointAuth["type"];
  username?: string;
  token_url?: string;
  client_id?: string;
  scope?: string;
  audience?: string;
  client_auth?: "basic" | "body";
  client_certificate?: { subject: string; fingerprint_sha256: string; expires_at: string };
}

/** Verifies what is signed with Ed25519 too. */
export interface EndpointPublicKey {
  secret_id: string;
  stage: EndpointSecret["stage"];
  /** `whpk_…`, for `verifyWebhook`. */
  public_key: string;
  expires_at: string | null;
}

/** A signing secret, without the secret itself. */
export interface EndpointSecret {
  id: string;
  stage: "staged" | "signing" | "retiring";
  created_at: string;
  /** When a retiring one ends. */
  expires_at: string | null;
  /** How many deliveries were taken only because of this retiring one; null where nobody can tell. */
  still_needed: number | null;
}

/** Which part of a rotation; without a step a new secret is made and signs at once. */
export interface SecretRotation {
  step?: "stage" | "promote" | "retire";
  /** How long the secret before still counts, in seconds: a day when absent. */
  overlap_s?: number;
  /** Answers on which a request is sent again, signed with the secret before: 401 and 403 when absent. */
  resend_on?: readonly number[];
  /** Made for you when absent. */
  secret?: string;
}

/** `secret` is there where one was made, and is never shown again. */
export type RotatedEndpoint = Endpoint & { secret?: string; retiring_until: string | null };

/** `secret` is shown here and never again; null in a dialect where it is yours to bring, and none came. */
export type NewEndpoint = Endpoint & { secret: string | null };

export interface EndpointQuery extends PageQuery {
  state?: EndpointState;
  /** Only those that fail now, wait to be verified, are paused, or were disabled for failing. */
  troubled?: boolean;
}

/** How an endpoint fares. */
export interface EndpointHealth {
  endpoint_id: string;
  state: EndpointState;
  breaker: {
    state: "closed" | "open" | "probing";
    opened_at: string | null;
    failed_probes: number;
    next_probe_at: string | null;
  };
  failing_since: string | null;
  /** Events from then on wait in the log until the endpoint has caught up. */
  behind_since: string | null;
  last_failure: { at: string; status: number | null; error: string | null } | null;
  /** What its present or last failing has cost. */
  missed: { since: string; dead_letters: number } | null;
  /** Deliveries in the queue. */
  waiting: number;
  /** In the process that answers; null where it sends nothing to it. */
  process: { in_flight: number; in_memory: number; slots: number } | null;
  /** The last 24; those without requests are left out. */
  hours: { hour: string; delivered: number; failed: number; slow: number; average_ms: number }[];
}

/** Which deliveries of an endpoint are to be made again. */
export interface ReplayRequest {
  /** RFC 3339. */
  since: string;
  until?: string;
  types?: readonly string[];
  /** How what was sent has ended, or `["missing"]`: what its filters want now and what never reached it. */
  states?: readonly ("delivered" | "dead" | "cancelled")[] | readonly ["missing"];
  /** Counts, and replays nothing. */
  dry_run?: boolean;
}

export interface ReplayAnswer {
  /** How many deliveries are meant. */
  count: number;
  /** False where counting took too long: there are more. */
  is_exact: boolean;
  /** How many more would be meant if their bodies had not been expunged. */
  expunged: number;
  /** What replays them; null for a dry run, and where there are none. */
  job_id: string | null;
  dry_run: boolean;
}

/** An endpoint that goes back to work. */
export type ReturnedEndpoint = Endpoint & {
  /** What its last failing has cost; `replay` with `since` and the state `dead` sends it again. */
  missed: { since: string; dead_letters: number } | null;
  /** How many deliveries wait, and come by themselves. */
  waiting: number;
};

/** A request that was sent to one endpoint outside of the log, and what came back. */
export interface EndpointProbe {
  sent_at: string;
  ms: number;
  first_byte_ms: number | null;
  /** Null where nothing answered. */
  status: number | null;
  /** The beginning of the answer's body. */
  response: string | null;
  /** With `***` for what comes of a secret. */
  request: { method: "POST"; url: string; headers: Record<string, string>; body: string };
}

export interface EndpointTest extends EndpointProbe {
  event_id: string;
  event_type: string;
  delivered: boolean;
  /** What went wrong, in words. */
  error: string | null;
}

export type VerifiedEndpoint = Endpoint & {
  verification: EndpointProbe & { verified: boolean; reason: string | null };
};

/** Whether an endpoint takes what it should refuse. */
export interface EndpointExamination {
  healthy: boolean;
  checks: (EndpointProbe & {
    check: "genuine" | "forged" | "unsigned" | "tampered" | "stale";
    expected: "accepted" | "refused";
    outcome: "accepted" | "refused" | "no_answer";
    passed: boolean;
    detail: string;
  })[];
}

export type Endpoints = ReturnType<typeof endpointCalls>;

export function endpointCalls(call: Transport) {
  const at = (id: string, action?: string) =>
    action === undefined ? ["endpoints", id] : ["endpoints", id, action];
  const act = (action: string) => (id: string, options?: RequestOptions) =>
    call<Endpoint>({ method: "POST", path: at(id, action), isRepeatable: true, options });
  const back = (action: string) => (id: string, options?: RequestOptions) =>
    call<ReturnedEndpoint>({ method: "POST", path: at(id, action), isRepeatable: true, options });
  return {
    create: (body: EndpointDraft, options?: RequestOptions) =>
      call<NewEndpoint>({ method: "POST", path: ["endpoints"], body, options }),
    ...listCalls<Endpoint, EndpointQuery>(call, ["endpoints"]),
    get: (id: string, options?: RequestOptions) =>
      call<Endpoint>({ method: "GET", path: at(id), options }),
    health: (id: string, options?: RequestOptions) =>
      call<EndpointHealth>({ method: "GET", path: at(id, "health"), options }),
    update: (id: string, body: Partial<EndpointFields>, options?: RequestOptions) =>
      call<Endpoint>({ method: "PATCH", path: at(id), body, options }),
    delete: (id: string, options?: RequestOptions) =>
      call<void>({ method: "DELETE", path: at(id), options }),
    enable: back("enable"),
    disable: act("disable"),
    pause: act("pause"),
    resume: back("resume"),
    /** Replaces the signing secret; answers when every process goes by it. */
    rotateSecret: (id: string, body: SecretRotation = {}, options?: RequestOptions) =>
      call<RotatedEndpoint>({ method: "POST", path: at(id, "rotate-secret"), body, options }),
    /** The secret that signs, in the dialects that promise to show it again. */
    revealSecret: (id: string, options?: RequestOptions) =>
      call<{ secret: string }>({ method: "POST", path: at(id, "reveal-secret"), options }),
    /** Verify what is signed with Ed25519 too (`dialect_options: { ed25519: true }`). */
    publicKeys: (id: string, options?: RequestOptions) =>
      wholeList<EndpointPublicKey>(call, { path: at(id, "public-keys"), options }),
    /** Has the endpoint send a token back. */
    verify: (id: string, options?: RequestOptions) =>
      call<VerifiedEndpoint>({ method: "POST", path: at(id, "verify"), options }),
    /** Sends a sample event to this endpoint, whatever state it is in, and to no other. */
    test: (id: string, body: { type?: string } = {}, options?: RequestOptions) =>
      call<EndpointTest>({ method: "POST", path: at(id, "test"), body, options }),
    /** Sends right and forged requests, and says whether the endpoint can tell them apart. */
    examine: (id: string, options?: RequestOptions) =>
      call<EndpointExamination>({ method: "POST", path: at(id, "doctor"), options }),
    /** Makes past deliveries again. */
    replay: (id: string, body: ReplayRequest, options?: RequestOptions) =>
      call<ReplayAnswer>({ method: "POST", path: at(id, "replay"), body, options }),
  };
}
