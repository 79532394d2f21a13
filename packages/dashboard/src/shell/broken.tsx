import { useMatches } from "@tanstack/react-router";
import { RotateCw } from "lucide-react";
import { Suspense } from "react";
import { Refused } from "../api/problem.ts";
import { pages } from "../pages/index.ts";
import { Button } from "../parts/controls/button.tsx";
import { fetched } from "../parts/late/fetched.ts";
import { Unfetched } from "../parts/late/late.tsx";
import { shellWords } from "../words/index.ts";

/** Fetched beforehand: it tells that nobody answers. */
export const unreached = () => import("./unreached.tsx");
const Unreached = fetched(() => unreached().then((it) => it.Unreached));

/** A page that did not come, or threw: the frame around it stands. */
export function Broken({ error }: { error: unknown }) {
  const path = useMatches().at(-1)?.routeId;
  const title = pages.find((each) => each.path === path)?.title ?? shellWords.product;
  const words = shellWords.broke;
  if (error instanceof Refused) {
    return (
      <Unfetched>
        <Suspense fallback={null}>
          <Unreached title={title} error={error} />
        </Suspense>
      </Unfetched>
    );
  }
  return (
    <div role="alert" className="p-7">
      <h1 className="text-xl font-strong tracking-tight">{words.title}</h1>
      <p className="mt-1 mb-3.5 max-w-[60ch] text-fg-3">{words.text}</p>
      <Button icon={RotateCw} onClick={() => location.reload()}>
        {words.act}
      </Button>
      <pre className="mt-4 overflow-auto rounded-md border border-border bg-surface-sunken p-3 text-xs whitespace-pre-wrap">
        {error instanceof Error ? (error.stack ?? error.message) : String(error)}
      </pre>
    </div>
  );
}
