import { quoted } from "../../parts/values/api-call.tsx";
import { deliveryWords } from "../../words/index.ts";
import type { DeliveryDetail } from "./queries.ts";

/** The request as it was made, for a shell; null where its body is gone. */
export function curlOfRequest({ request }: Pick<DeliveryDetail, "request">): string | null {
  if (request?.body == null) return null;
  const lines = [`curl -X ${request.method} ${quoted(request.url)}`];
  for (const [name, value] of Object.entries(request.headers))
    lines.push(`  -H ${quoted(`${name}: ${value}`)}`);
  lines.push(`  --data-binary ${quoted(request.body)}`);
  return `# ${deliveryWords.curlNote}\n${lines.join(" \\\n")}\n`;
}
