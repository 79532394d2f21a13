import type { Queryable } from "../../core/events/recording.ts";

/** A channel whose access token is to be renewed. */
export interface RenewableToken {
  channelId: string;
  workspaceId: string;
  /** Sealed for `credentialsPlace`. */
  credentials: string;
  /** Null where nobody knows. */
  expiresAt: number | null;
  /** Why the last renewal failed; null where it did not. */
  error: string | null;
}

/**
 * Claims channels with Instagram's own login whose tokens are due; until `leasedUntil` nobody else takes
 * them up. What was connected, or given new credentials, since `connectedBefore` is too young.
 */
export async function claimTokens(
  db: Queryable,
  o: { now: number; connectedBefore: number; leasedUntil: number; limit: number },
): Promise<RenewableToken[]> {
  const { rows } = await db.query<RenewableToken>({
    name: "claim_tokens",
    text: `update channel c set token_renew_at = to_timestamp($3::float8 / 1000)
      from (select id from channel where kind = 'instagram' and login = 'instagram' and deleted_at is null
          and credentials is not null
          and (token_renew_at <= to_timestamp($1::float8 / 1000)
            or token_renew_at is null and updated_at <= to_timestamp($2::float8 / 1000))
        order by id limit $4 for update skip locked) due
      where c.id = due.id
      returning c.id as "channelId", c.workspace_id as "workspaceId", c.credentials,
        (extract(epoch from c.token_expires_at) * 1000)::float8 as "expiresAt", c.token_error as error`,
    values: [o.now, o.connectedBefore, o.leasedUntil, o.limit],
  });
  return rows;
}

/** Puts the new token in the place of the one that was renewed; false where that was changed meanwhile. */
export async function replaceToken(
  db: Queryable,
  { channelId, credentials }: Pick<RenewableToken, "channelId" | "credentials">,
  renewed: { credentials: string; expiresAt: number; renewAt: number; now: number },
): Promise<boolean> {
  const { rowCount } = await db.query({
    text: `update channel set credentials = $3, token_expires_at = to_timestamp($4::float8 / 1000),
        token_renew_at = to_timestamp($5::float8 / 1000), token_error = null,
        updated_at = to_timestamp($6::float8 / 1000)
      where id = $1 and credentials = $2 and deleted_at is null`,
    values: [
      ...[channelId, credentials, renewed.credentials],
      ...[renewed.expiresAt, renewed.renewAt, renewed.now],
    ],
  });
  return rowCount === 1;
}

/** The token was not renewed: why, and when that is tried again. False where it was changed meanwhile. */
export async function postponeToken(
  db: Queryable,
  { channelId, credentials }: Pick<RenewableToken, "channelId" | "credentials">,
  { error, renewAt }: { error: string; renewAt: number },
): Promise<boolean> {
  const { rowCount } = await db.query({
    text: `update channel set token_error = $3, token_renew_at = to_timestamp($4::float8 / 1000)
      where id = $1 and credentials = $2`,
    values: [channelId, credentials, error, renewAt],
  });
  return rowCount === 1;
}

/** Somebody has given the channel another token: nothing is known of it. */
export async function forgetToken(db: Queryable, channelId: string): Promise<void> {
  await db.query({
    text: "update channel set token_expires_at = null, token_renew_at = null, token_error = null where id = $1",
    values: [channelId],
  });
}

/** What is known of a channel's token. */
export interface TokenStanding {
  expiresAt: number | null;
  error: string | null;
}

export async function readTokenStanding(
  db: Queryable,
  channelId: string,
): Promise<TokenStanding | null> {
  const { rows } = await db.query<TokenStanding>({
    text: `select (extract(epoch from token_expires_at) * 1000)::float8 as "expiresAt", token_error as error
      from channel where id = $1`,
    values: [channelId],
  });
  return rows[0] ?? null;
}
