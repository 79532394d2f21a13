import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { useAddress } from "../../parts/address.ts";
import { Button } from "../../parts/controls/button.tsx";
import { Empty, Failed, Skeleton } from "../../parts/lists/blank.tsx";
import { PageHead } from "../../parts/page-head.tsx";
import { partWords, simulatorWords } from "../../words/index.ts";
import { CatcherView } from "./catcher.tsx";
import { FaultSwitches } from "./faults.tsx";
import { KindPicker, PhoneDesk, useConnectPhone } from "./phone-desk.tsx";
import { KINDS, type SimulatedKind, type Simulator, simulatorQuery } from "./queries.ts";
import { simulatorSearch } from "./search.ts";

/** A phone on the left, and on the right what its webhooks look like where they arrive. */
export function Page() {
  const [search, setSearch] = useAddress(simulatorSearch);
  const { data, error, refetch } = useQuery(simulatorQuery);
  const kind = KINDS.find((each) => each === search.kind) ?? "whatsapp";
  return (
    <>
      <PageHead title={simulatorWords.title} summary={simulatorWords.summary} />
      {error && <Failed what={simulatorWords.title} error={error} onAgain={() => void refetch()} />}
      {!data && !error && <Skeleton widths={[280, 320, 300]} />}
      {data && !data.available && (
        <Empty title={simulatorWords.off.title}>
          {data.reason} {simulatorWords.off.safe}
        </Empty>
      )}
      {data?.available && (
        <div className="grid min-h-0 flex-1 grid-cols-[372px_minmax(0,1fr)] border-t border-border phone:grid-cols-1 phone:overflow-auto">
          <div className="overflow-auto border-r border-border bg-bg px-6 py-4 phone:overflow-visible phone:border-r-0 phone:border-b">
            <KindPicker kind={kind} onChange={(next) => setSearch({ kind: next })} />
            <PhoneOrConnect simulator={data} kind={kind} />
            <FaultSwitches faults={data.faults} />
          </div>
          <div className="flex min-h-0 min-w-0 flex-col phone:min-h-120">
            <CatcherView
              chosen={search.catcher}
              request={search.request}
              onChoose={(catcher) => setSearch({ catcher, request: undefined })}
              onRequest={(request) => setSearch({ request })}
            />
          </div>
        </div>
      )}
    </>
  );
}

function PhoneOrConnect({ simulator, kind }: { simulator: Simulator; kind: SimulatedKind }) {
  const [made, setMade] = useState<SimulatedKind | null>(null);
  const connect = useConnectPhone(setMade);
  const name = partWords.channels[kind];
  return (
    <PhoneDesk
      simulator={simulator}
      kind={kind}
      isNew={made === kind}
      connect={
        <Button
          kind="primary"
          icon={Plus}
          needs="channels:write"
          busy={connect.isBusy}
          onClick={() => void connect.run(kind)}
        >
          {simulatorWords.connect(name)}
        </Button>
      }
    />
  );
}
