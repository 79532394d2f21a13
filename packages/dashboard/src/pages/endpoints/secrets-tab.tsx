import type { Shape } from "../../api/client.ts";
import { Moment } from "../../parts/values/time.tsx";
import { endpointWords } from "../../words/index.ts";
import { Rotation } from "./rotation.tsx";
import { SealedHold } from "./sealed-hold.tsx";

const words = endpointWords.secrets;

/** Which secret signs, since when, and how it is replaced with nothing lost. */
export function SecretsTab({ endpoint }: { endpoint: Shape<"Endpoint"> }) {
  return (
    <div className="min-h-0 flex-1 overflow-y-auto px-6 py-5 phone:px-4">
      <section aria-label={words.title} className="max-w-135">
        <h2 className="mb-3 font-medium">{words.title}</h2>
        <Rotation endpoint={endpoint} />
        <dl className="mt-4 grid gap-1 text-xs text-fg-3">
          {endpoint.secrets.map(({ id, created_at }) => (
            <div key={id} className="flex gap-2">
              <dt>
                <code>
                  {id.slice(0, 4)}…{id.slice(-6)}
                </code>
              </dt>
              <dd>
                {words.created} <Moment at={created_at} />
              </dd>
            </div>
          ))}
        </dl>
      </section>
      <SealedHold endpoint={endpoint} />
    </div>
  );
}
