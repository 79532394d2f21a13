import { z } from "zod";
import type { ProviderHttp } from "../../core/outside/provider-http.ts";
import type { Secret } from "../../core/secret.ts";
import type { ProviderPlaces } from "../../core/sending/outgoing.ts";
import { askGraph } from "../meta/ask.ts";

/** A template as Meta tells of it. */
export interface ProviderTemplate {
  providerId: string | null;
  name: string;
  language: string;
  category: string | null;
  status: string | null;
  quality: string | null;
  /** JSON text, verbatim. */
  components: string;
}

export type ListedTemplates =
  | { kind: "listed"; templates: ProviderTemplate[] }
  | { kind: "failed"; reason: string };

const PER_PAGE = 100;
/** More than Meta lets an account have. */
const MOST_PAGES = 120;
const FIELDS = "id,name,language,category,status,components,quality_score";

const word = z.string().min(1).nullish().catch(null);
const Page = z.object({
  data: z.array(z.unknown()),
  paging: z
    .object({ cursors: z.object({ after: z.string().min(1) }).optional(), next: z.string() })
    .optional()
    .catch(undefined),
});
const Template = z.object({
  id: word,
  name: z.string().min(1),
  language: z.string().min(1),
  category: word,
  status: word,
  components: z.array(z.unknown()).catch([]),
  quality_score: z.object({ score: word }).nullish().catch(null),
});

/** Every template of a business account, or why they could not be had. */
export async function listProviderTemplates(
  http: ProviderHttp,
  { meta }: Pick<ProviderPlaces, "meta">,
  { wabaId, token }: { wabaId: string; token: Secret },
): Promise<ListedTemplates> {
  const templates: ProviderTemplate[] = [];
  let after: string | null = null;
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const query = new URLSearchParams({ fields: FIELDS, limit: String(PER_PAGE) });
    if (after !== null) query.set("after", after);
    const base = `${meta.graphUrl}/${meta.graphVersion}/${encodeURIComponent(wabaId)}`;
    const reply = await askGraph(http, `${base}/message_templates?${query}`, token);
    if (reply.kind === "refused") return { kind: "failed", reason: reply.message };
    if (reply.kind === "silent") return { kind: "failed", reason: reply.reason };
    const page = Page.safeParse(reply.body);
    if (!page.success) return { kind: "failed", reason: "an answer that is no list" };
    templates.push(...page.data.data.flatMap(templateOf));
    after = page.data.paging?.cursors?.after ?? null;
    if (page.data.paging === undefined || after === null) break;
  }
  return { kind: "listed", templates };
}

/** One that cannot be read costs the others nothing. */
function templateOf(given: unknown): ProviderTemplate[] {
  const { data } = Template.safeParse(given);
  if (!data) return [];
  const { id = null, name, language, category = null, status = null, components } = data;
  return [
    {
      ...{ providerId: id, name, language, category, status },
      quality: data.quality_score?.score ?? null,
      components: JSON.stringify(components),
    },
  ];
}
