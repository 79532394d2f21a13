import { deliveryWords, partWords } from "../../words/index.ts";

/** What came back, in a word: a status, or what went wrong where nothing answered. */
export function answerWord(o: { status: number | null; error: string | null }): string {
  if (o.status !== null) return String(o.status);
  return o.error === null ? partWords.none : (deliveryWords.errors[o.error] ?? o.error);
}

/** The same for a column: only what needs a person is coloured. */
export function Answer({ status, error }: { status: number | null; error: string | null }) {
  const isGood = status !== null && status < 300;
  const isNothing = status === null && error === null;
  return (
    <code className={isGood || isNothing ? "text-xs text-fg-2" : "text-xs text-dead"}>
      {answerWord({ status, error })}
    </code>
  );
}
