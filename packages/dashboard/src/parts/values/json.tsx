import { ChevronDown, ChevronRight, Search } from "lucide-react";
import { type ReactNode, useMemo, useState } from "react";
import { partWords } from "../../words/index.ts";
import { cx } from "../class-names.ts";
import { IconButton } from "../controls/button.tsx";
import { CodeFrame, PlainCode } from "./code.tsx";
import { jsonLines, type Token } from "./json-lines.ts";

const MOST_BYTES = 64 * 1024;

/** A document of JSON: it folds, it can be searched, and the path of a line stands in the head. */
export function Json({
  text,
  title,
  note,
  what,
  flat = false,
  folded = [],
}: {
  /** As it was on the wire; what is no JSON is shown as it is. */
  text: string;
  title: ReactNode;
  note?: ReactNode;
  what: string;
  flat?: boolean;
  /** Paths that are folded at first: `$.conversation`. */
  folded?: readonly string[];
}) {
  const [closed, setClosed] = useState<ReadonlySet<string>>(() => new Set(folded));
  const [path, setPath] = useState("");
  const [wanted, setWanted] = useState<string | null>(null);
  const value = useMemo(() => (text.length > MOST_BYTES ? undefined : parsed(text)), [text]);
  const lines = useMemo(
    () =>
      value === undefined
        ? []
        : jsonLines(
            value.value,
            (each) => wanted === null && closed.has(each),
            (count, isList) => (isList ? partWords.code.items(count) : partWords.code.keys(count)),
          ),
    [value, closed, wanted],
  );
  if (value === undefined) {
    return (
      <CodeFrame
        title={title}
        note={text.length > MOST_BYTES ? partWords.code.asText : note}
        raw={text}
        what={what}
        flat={flat}
      >
        <PlainCode text={text} wrap />
      </CodeFrame>
    );
  }
  const needle = wanted?.trim().toLowerCase() ?? "";
  const isHit = (tokens: readonly Token[]) =>
    needle !== "" && tokens.some((token) => token.text.toLowerCase().includes(needle));
  const hits = lines.filter(({ tokens }) => isHit(tokens)).length;
  const toggle = (each: string) =>
    setClosed((was) => {
      const next = new Set(was);
      if (!next.delete(each)) next.add(each);
      return next;
    });
  return (
    <CodeFrame
      title={title}
      note={note}
      raw={text}
      what={what}
      flat={flat}
      tools={
        <>
          {path !== "" && wanted === null && (
            <code className="max-w-56 truncate text-2xs font-normal text-fg-3" title={path}>
              {path}
            </code>
          )}
          {wanted !== null && (
            <>
              <span role="status" className="tnum text-2xs font-normal text-fg-3">
                {needle !== "" && partWords.code.matches(hits)}
              </span>
              <input
                // biome-ignore lint/a11y/noAutofocus: it was asked for
                autoFocus
                aria-label={partWords.code.findLabel}
                placeholder={partWords.code.find}
                value={wanted}
                onChange={(event) => setWanted(event.target.value)}
                onKeyDown={(event) => {
                  if (event.key === "Escape") setWanted(null);
                }}
                className="h-5.5 w-36 rounded-sm border border-border-strong bg-surface px-2 text-xs font-normal"
              />
            </>
          )}
          <IconButton
            icon={Search}
            size={13}
            label={partWords.code.findLabel}
            aria-pressed={wanted !== null}
            className="size-6!"
            onClick={() => setWanted(wanted === null ? "" : null)}
          />
        </>
      }
    >
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached without a mouse */}
      <pre className="overflow-x-auto py-2 text-xs/4.5 -outline-offset-2" tabIndex={0}>
        {lines.map((line) => (
          <span
            key={line.n}
            className="code-line"
            data-n={line.n}
            data-marked={isHit(line.tokens) || undefined}
            onPointerEnter={() => setPath(line.path)}
          >
            {"  ".repeat(line.depth)}
            {line.folds && (
              <button
                type="button"
                aria-label={partWords.code[line.isFolded ? "unfold" : "fold"](line.path)}
                aria-expanded={!line.isFolded}
                onClick={() => toggle(line.path)}
                className="-ml-3.5 inline-grid size-3.5 place-items-center align-[-2px] text-fg-3 hover:text-fg"
              >
                {line.isFolded ? (
                  <ChevronRight size={11} aria-hidden />
                ) : (
                  <ChevronDown size={11} aria-hidden className="opacity-60" />
                )}
              </button>
            )}
            {line.tokens.map((token, n) => (
              <span
                // biome-ignore lint/suspicious/noArrayIndexKey: a token is its place
                key={n}
                className={cx(TOKENS[token.kind])}
              >
                {token.text}
              </span>
            ))}
          </span>
        ))}
      </pre>
    </CodeFrame>
  );
}

const TOKENS: Record<Token["kind"], string> = {
  key: "text-code-key",
  string: "text-code-string",
  number: "text-code-number",
  literal: "text-code-literal",
  punct: "text-code-punct",
  fold: "mx-1 rounded-xs bg-surface-active px-1.25 text-2xs text-fg-3",
};

function parsed(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}
