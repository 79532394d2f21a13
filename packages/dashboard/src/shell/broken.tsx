import { useMatches, useRouter } from "@tanstack/react-router";
import { RotateCw } from "lucide-react";
import { Refused } from "../api/problem.ts";
import { pages } from "../pages/index.ts";
import { Button } from "../parts/controls/button.tsx";
import { Failed } from "../parts/lists/blank.tsx";
import { PageHead } from "../parts/page-head.tsx";
import { shellWords } from "../words/index.ts";

/** A page that did not come, or threw: the frame around it stands. */
export function Broken({ error }: { error: unknown }) {
  const router = useRouter();
  const path = useMatches().at(-1)?.routeId;
  const title = pages.find((each) => each.path === path)?.title ?? shellWords.product;
  const words = shellWords.broke;
  if (error instanceof Refused) {
    return (
      <>
        <PageHead title={title} />
        <Failed what={title} error={error} onAgain={() => void router.invalidate()} />
      </>
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
