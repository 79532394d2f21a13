import { RotateCw } from "lucide-react";
import { Button } from "../parts/controls/button.tsx";
import { shellWords } from "../words/index.ts";

/** A page that threw: the frame around it stands. */
export function Broken({ error }: { error: unknown }) {
  const words = shellWords.broke;
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
