import { cx } from "../../parts/class-names.ts";
import { answerWord } from "../../parts/values/answer.tsx";
import { CodeFrame, Headers, PlainCode } from "../../parts/values/code.tsx";
import { Json } from "../../parts/values/json.tsx";
import { bytes, clock, exact, took } from "../../words/format.ts";
import { deliveryWords } from "../../words/index.ts";
import type { DeliveryDetail } from "./queries.ts";

type Attempt = DeliveryDetail["attempts"][number];

/** When, what came back, how long, and where the time went. */
export function AttemptHead({ attempt }: { attempt: Attempt }) {
  const at = Date.parse(attempt.sent_at);
  const isGood = attempt.status !== null && attempt.status < 300;
  const ms = String(new Date(at).getMilliseconds()).padStart(3, "0");
  return (
    <div className="border-y border-border-subtle bg-surface-selected px-(--gutter) py-3 shadow-[inset_2px_0_0_var(--accent-solid)]">
      <p className="flex items-baseline gap-2.5">
        <b className="tnum" title={exact(at)}>
          {clock(at)}.{ms}
        </b>
        <code className={cx("text-xs whitespace-nowrap", isGood ? "text-delivered" : "text-dead")}>
          {answerWord(attempt)}
        </code>
        {attempt.detail !== null && (
          <span className="min-w-0 truncate text-fg-2" title={attempt.detail}>
            {attempt.detail}
          </span>
        )}
        <b className="tnum ml-auto whitespace-nowrap">
          {took(attempt.ms)}
          {attempt.slow && (
            <span className="ml-1.5 font-normal text-retrying">{deliveryWords.slow}</span>
          )}
        </b>
      </p>
      <Timing attempt={attempt} />
      {attempt.resent_after !== null && (
        <p className="mt-1.5 text-xs text-fg-2">{deliveryWords.resent(attempt.resent_after)}</p>
      )}
    </div>
  );
}

/** The time of an attempt, split. */
function Timing({ attempt }: { attempt: Attempt }) {
  const { timing } = deliveryWords;
  const { dns_ms: dns, connect_ms: connect, tls_ms: tls, first_byte_ms: first, ms } = attempt;
  const before = (dns ?? 0) + (connect ?? 0) + (tls ?? 0);
  const parts = [
    [timing.dns, dns, "bg-border-control"],
    [timing.connect, connect, "bg-fg-3"],
    [timing.tls, tls, "bg-border-control"],
    [timing.first, first === null ? null : Math.max(0, first - before), "bg-fg-3"],
  ] as const;
  const rest = Math.max(0, ms - Math.max(first ?? before, before));
  const whole = Math.max(1, ms);
  return (
    <>
      <div aria-hidden className="mt-2 flex h-1.5 gap-px overflow-hidden rounded-xs">
        {parts.map(([name, value, colour]) =>
          value === null || value === 0 ? null : (
            <i key={name} className={colour} style={{ width: `${(value / whole) * 100}%` }} />
          ),
        )}
        <i
          className="min-w-0.5 flex-1 bg-border-strong"
          style={{ flexBasis: `${(rest / whole) * 100}%` }}
        />
      </div>
      <p className="tnum mt-1.5 flex flex-wrap gap-x-3.5 text-2xs text-fg-2">
        {dns === null && connect === null && first !== null && <span>{timing.reused}</span>}
        {dns !== null && <span>{`${timing.dns} ${took(dns)}`}</span>}
        {connect !== null && <span>{`${timing.connect} ${took(connect)}`}</span>}
        {tls !== null && <span>{`${timing.tls} ${took(tls)}`}</span>}
        {first !== null && <span>{`${timing.first} ${took(first)}`}</span>}
      </p>
    </>
  );
}

/** The answer comes first: it holds the reason. */
export function AnswerView({ attempt }: { attempt: Attempt }) {
  const { response, status, error } = attempt;
  if (status === null) {
    return (
      <p className="border-b border-border-subtle bg-surface-sunken px-(--gutter) py-3 text-fg-2">
        {deliveryWords.noAnswer}
        {error !== null && `: ${attempt.detail ?? answerWord(attempt)}`}
      </p>
    );
  }
  if (response === null || response === "") {
    return (
      <p className="border-b border-border-subtle bg-surface-sunken px-(--gutter) py-3 text-fg-2">
        <b className="font-medium text-fg">{deliveryWords.answer}</b> {deliveryWords.emptyAnswer}
      </p>
    );
  }
  const note = bytes(new TextEncoder().encode(response).length);
  const isJson = /^\s*[[{]/.test(response);
  return isJson ? (
    <Json
      flat
      text={response}
      title={deliveryWords.answer}
      note={note}
      what={deliveryWords.answer}
    />
  ) : (
    <CodeFrame
      flat
      title={deliveryWords.answer}
      note={note}
      raw={response}
      what={deliveryWords.answer}
    >
      <PlainCode text={response} numbered={false} wrap />
    </CodeFrame>
  );
}

/** Request line, headers and body, as they were on the wire. */
export function RequestView({ delivery, isLast }: { delivery: DeliveryDetail; isLast: boolean }) {
  const { request } = delivery;
  if (request === null)
    return (
      <p className="bg-surface-sunken px-(--gutter) py-3 text-fg-2">{deliveryWords.noRequest}</p>
    );
  const headers = Object.entries(request.headers).map(([name, value]) => ({ name, value }));
  const raw = headers.map(({ name, value }) => `${name}: ${value}`).join("\n");
  const { body } = request;
  return (
    <>
      <CodeFrame
        flat
        title={deliveryWords.request}
        note={isLast ? deliveryWords.requestNote : deliveryWords.lastRequest}
        raw={raw}
        what={deliveryWords.request}
      >
        <Headers first={`${request.method} ${request.url}`} headers={headers} />
      </CodeFrame>
      {body === null ? (
        <p className="bg-surface-sunken px-(--gutter) py-3 text-fg-2">{deliveryWords.expunged}</p>
      ) : (
        <Json
          flat
          text={body}
          title={deliveryWords.body}
          note={deliveryWords.bodyNote(bytes(new TextEncoder().encode(body).length))}
          what={deliveryWords.body}
        />
      )}
    </>
  );
}
