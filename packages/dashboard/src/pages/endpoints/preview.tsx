import type { Shape } from "../../api/client.ts";
import { Waits } from "../../parts/charts/waits.tsx";
import { inputClass } from "../../parts/controls/field.tsx";
import { Headers } from "../../parts/values/code.tsx";
import { Json } from "../../parts/values/json.tsx";
import { bytes, took, wait } from "../../words/format.ts";
import { endpointWords } from "../../words/index.ts";

const words = endpointWords.form;

/** The result, live: the request as it will be, and what happens when it is not taken. */
export function Preview({
  preview,
  dialect,
  waits,
  timeoutMs,
  samples,
  sample,
  onSample,
}: {
  preview: Shape<"RequestPreview"> | undefined;
  dialect: Shape<"Dialect"> | undefined;
  waits: readonly number[];
  timeoutMs: number;
  samples: readonly string[];
  sample: string;
  onSample(type: string): void;
}) {
  if (!preview || !dialect)
    return <section aria-label={words.receive} className="bg-surface-sunken" />;
  const { request } = preview;
  const [own] = dialect.signature_headers;
  const { host, pathname, search } = new URL(
    URL.canParse(request.url) ? request.url : "https://example.com/",
  );
  const over = wait(waits.reduce((sum, each) => sum + each, 0));
  const names = [...new Set(samples)];
  return (
    <section
      aria-label={words.receive}
      className="min-w-0 border-l border-border bg-surface-sunken [--cut:var(--surface-sunken)] max-[1100px]:border-t max-[1100px]:border-l-0"
    >
      <div className="flex min-h-14.5 items-center gap-2 px-5">
        <h2 className="font-medium">{words.receive}</h2>
        {names.length > 1 && (
          <select
            aria-label={words.sample}
            value={names.includes(sample) ? sample : names[0]}
            onChange={(event) => onSample(event.target.value)}
            className={`${inputClass} choice ml-auto h-7! w-auto! max-w-56 pr-7 font-mono text-xs!`}
          >
            {names.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        )}
      </div>
      <div className="border-y border-border-subtle">
        <Headers
          first={
            <>
              <b className="font-strong">{request.method}</b> {`${pathname}${search}`} HTTP/1.1
            </>
          }
          headers={[
            { name: "host", value: host },
            ...Object.entries(request.headers).map(([name, value]) => ({
              name,
              value,
              ...(name === own ? { mark: words.checks(dialect.name) } : {}),
              ...(name !== own && dialect.signature_headers.includes(name)
                ? { aside: words.extra }
                : {}),
            })),
          ]}
        />
      </div>
      <Json
        key={preview.event_type}
        text={request.body}
        title={preview.event_type}
        note={bytes(request.body.length)}
        what={endpointWords.test.body}
        flat
      />
      <div className="px-5 py-3">
        <p className="mb-2.5 flex flex-wrap gap-x-3">
          <b>{words.ifNot(took(timeoutMs))}</b>
          <span className="ml-auto text-fg-3">{words.requests(waits.length + 1, over)}</span>
        </p>
        <Waits seconds={waits} end={words.dead} />
      </div>
    </section>
  );
}
