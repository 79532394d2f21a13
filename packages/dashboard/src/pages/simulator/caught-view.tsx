import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Failed, Skeleton } from "../../parts/lists/blank.tsx";
import { CodeFrame, Headers, PlainCode } from "../../parts/values/code.tsx";
import { Json } from "../../parts/values/json.tsx";
import { Note } from "../../parts/values/note.tsx";
import { bytes } from "../../words/format.ts";
import { partWords, simulatorWords } from "../../words/index.ts";
import { type CaughtRequest, caughtOneQuery } from "./queries.ts";

/** Headers that say something of the webhook, the signature among them. */
const TOLD = /^(webhook-|x-.*(signature|secret|event|webhook)|content-type$)/;
const SIGNED = /signature|secret/;

/** One caught request: what its signature is worth, its headers, its body. */
export function CaughtView({ catcherId, requestId }: { catcherId: string; requestId: string }) {
  const words = simulatorWords.caught;
  const { data, error, refetch } = useQuery(caughtOneQuery(catcherId, requestId));
  if (error) return <Failed what={words.request} error={error} onAgain={() => void refetch()} />;
  if (!data) return <Skeleton widths={[280, 320, 260, 340]} />;
  const all = data.headers.map(([name = "", value = ""]) => ({ name, value }));
  const told = all.filter(({ name }) => TOLD.test(name));
  const shown = told.length > 0 ? told : all;
  const raw = all.map(({ name, value }) => `${name}: ${value}`).join("\n");
  return (
    <>
      <SignatureVerdict request={data} />
      {data.delivery_id !== null && (
        <p className="border-b border-border-subtle px-(--gutter) py-2.5">
          <Link
            to="/deliveries/$id"
            params={{ id: data.delivery_id }}
            className="text-accent hover:underline"
          >
            {words.delivery}
          </Link>
        </p>
      )}
      <CodeFrame flat title={words.headers} raw={raw} what={words.headers}>
        <Headers
          headers={shown.map(({ name, value }) => ({
            name,
            value,
            ...(SIGNED.test(name) ? { mark: data.signature?.accepted === true ? "✓" : "" } : {}),
          }))}
        />
      </CodeFrame>
      {data.body === null ? (
        <p className="bg-surface-sunken px-(--gutter) py-3 text-fg-2">{words.noBody}</p>
      ) : data.encoding === "utf8" && /^\s*[[{]/.test(data.body) ? (
        <Json
          flat
          text={data.body}
          title={words.body}
          note={bytes(data.body_bytes)}
          what={words.body}
        />
      ) : (
        <CodeFrame
          flat
          title={words.body}
          note={bytes(data.body_bytes)}
          raw={data.body}
          what={words.body}
        >
          <PlainCode text={data.body === "" ? partWords.none : data.body} numbered={false} wrap />
        </CodeFrame>
      )}
    </>
  );
}

/** The verdict first: right, or what is wrong and what helps. */
function SignatureVerdict({ request }: { request: Pick<CaughtRequest, "signature"> }) {
  const words = simulatorWords.caught;
  const { signature } = request;
  if (signature === null) {
    return (
      <Note tone="plain" className="rounded-none border-x-0">
        <b>{words.nobody}</b>
        <p>{words.nobodyText}</p>
      </Note>
    );
  }
  if (signature.accepted) {
    return (
      <Note tone="good" className="rounded-none border-x-0">
        <b>{words.right}</b>
        <p>{words.rightText(signature.dialect)}</p>
      </Note>
    );
  }
  return (
    <Note tone="bad" className="rounded-none border-x-0">
      <b>{words.isWrong}</b>
      <ul>
        {signature.findings.map(({ code, detail, advice }) => (
          <li key={code}>
            {detail} {advice}
          </li>
        ))}
      </ul>
      {signature.expected !== null && (
        <p className="mt-1">
          {words.expected} <code className="text-xs wrap-anywhere">{signature.expected}</code>
        </p>
      )}
    </Note>
  );
}
