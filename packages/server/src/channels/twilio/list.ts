import { z } from "zod";
import type { ProviderHttp } from "../../core/outside/provider-http.ts";
import type { ProviderPlaces, Sender } from "../../core/sending/outgoing.ts";
import { authorizationOf, messagesUrl } from "./account.ts";

const DEADLINE_MS = 30_000;
const PAGE_SIZE = 200;
/** Ten thousand messages a round; the next one goes on from the oldest that was not reached. */
const MAX_PAGES = 50;

const Text = z.string().nullable().catch(null);
const Listed = z.object({
  sid: z.string().min(1),
  direction: z.string().catch(""),
  status: z.string().catch(""),
  from: Text,
  to: Text,
  body: Text,
  num_segments: Text,
  num_media: Text,
  error_code: z.number().nullable().catch(null),
  error_message: Text,
  messaging_service_sid: Text,
  date_created: Text,
  date_sent: Text,
});

/** A message as Twilio's log has it. */
export type ListedMessage = z.infer<typeof Listed>;

const Page = z.object({
  messages: z.array(z.unknown()),
  next_page_uri: z.string().nullable().optional(),
});
const Media = z.object({
  media_list: z.array(
    z.object({ sid: z.string().min(1), content_type: z.string().nullable().catch(null) }),
  ),
});

export interface ListQuery {
  readonly to?: string;
  readonly from?: string;
  /** Sent at or after this, ms since the epoch. */
  readonly since: number;
}

/**
 * What stands in Twilio's log, the newest first. Throws in words, without secrets, when it cannot be
 * read to the end.
 */
export async function listMessages(
  http: ProviderHttp,
  places: Pick<ProviderPlaces, "twilio">,
  sender: Pick<Sender, "credentials">,
  { to, from, since }: ListQuery,
): Promise<ListedMessage[]> {
  const query = new URLSearchParams({
    ...(to === undefined ? {} : { To: to }),
    ...(from === undefined ? {} : { From: from }),
    "DateSent>": `${new Date(since).toISOString().slice(0, 19)}Z`,
    PageSize: String(PAGE_SIZE),
  });
  let url: string | null = `${messagesUrl(places, sender)}.json?${query}`;
  const messages: ListedMessage[] = [];
  for (let page = 0; url !== null; page += 1) {
    if (page === MAX_PAGES) throw new Error("Twilio's list is longer than a round may read");
    const read = Page.parse(await get(http, sender, url));
    for (const each of read.messages) {
      const listed = Listed.safeParse(each);
      if (listed.success) messages.push(listed.data);
    }
    url = nextUrl(places, read.next_page_uri ?? null);
  }
  return messages;
}

/** Where a message's files are, and what they are said to be. */
export async function listMedia(
  http: ProviderHttp,
  places: Pick<ProviderPlaces, "twilio">,
  sender: Pick<Sender, "credentials">,
  messageSid: string,
): Promise<{ url: string; mime: string | null }[]> {
  const base = `${messagesUrl(places, sender)}/${encodeURIComponent(messageSid)}/Media`;
  const { media_list } = Media.parse(await get(http, sender, `${base}.json`));
  return media_list.map(({ sid, content_type: mime }) => ({
    url: `${base}/${encodeURIComponent(sid)}`,
    mime,
  }));
}

async function get(
  http: ProviderHttp,
  sender: Pick<Sender, "credentials">,
  url: string,
): Promise<unknown> {
  const headers = { authorization: authorizationOf(sender), accept: "application/json" };
  const answer = await http.request({ method: "GET", url, headers, deadlineMs: DEADLINE_MS });
  if (answer.kind === "failed") throw new Error(`Twilio's list: ${answer.error}`);
  if (answer.status !== 200) throw new Error(`Twilio's list was answered ${answer.status}`);
  return JSON.parse(answer.body);
}

/** The next page is at the same host, whatever the answer says. */
function nextUrl({ twilio }: Pick<ProviderPlaces, "twilio">, uri: string | null): string | null {
  return uri?.startsWith("/2010-04-01/") ? twilio.apiUrl + uri : null;
}
