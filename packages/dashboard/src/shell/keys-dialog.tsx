import { useEffect, useState } from "react";
import { type Act, areKeysOn, switchKeys, useAllActs } from "../parts/acts.ts";
import { CheckLine } from "../parts/controls/switches.tsx";
import { Dialog } from "../parts/dialogs/dialog.tsx";
import { shellWords } from "../words/index.ts";
import { capsOf } from "./caps.ts";

/** Every key that works on this page. */
export function KeysDialog({ onClose }: { onClose(): void }) {
  const layers = useAllActs();
  const [isOn, setOn] = useState(areKeysOn());
  useEffect(() => switchKeys(isOn), [isOn]);
  const actsOf = (scope: "everywhere" | "page") =>
    layers
      .filter((layer) => layer.scope === scope)
      .flatMap((layer) => layer.acts)
      .filter(({ key, does }) => key !== undefined && does !== "");
  return (
    <Dialog open onOpenChange={onClose} title={shellWords.keysOf} width={560}>
      <div className="grid grid-cols-2 gap-x-8 gap-y-3 phone:grid-cols-1">
        <Keys title={shellWords.keysHere} acts={actsOf("page")} />
        <Keys title={shellWords.keysEverywhere} acts={actsOf("everywhere")} />
      </div>
      <CheckLine checked={isOn} onChange={setOn} className="mt-4 border-t border-border pt-3.5">
        {shellWords.singleKeys}
      </CheckLine>
    </Dialog>
  );
}

function Keys({ title, acts }: { title: string; acts: readonly Act[] }) {
  if (acts.length === 0) return null;
  return (
    <section>
      <h3 className="mb-1 text-xs font-medium text-fg-3">{title}</h3>
      <dl className="grid gap-0.5">
        {acts.map(({ key, does }) => (
          <div key={key} className="flex items-center gap-3">
            <dt className="min-w-0 flex-1 truncate">{does}</dt>
            <dd className="flex gap-1">
              {capsOf(key).map((cap) => (
                <kbd key={cap}>{cap}</kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
