import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMe } from "../../api/me.ts";
import { useAddress } from "../../parts/address.ts";
import { Button } from "../../parts/controls/button.tsx";
import { Empty, Failed, Skeleton } from "../../parts/lists/blank.tsx";
import { PageHead } from "../../parts/page-head.tsx";
import { firstRunWords, simulatorWords } from "../../words/index.ts";
import { CatcherView } from "../simulator/catcher.tsx";
import { KindPicker, PhoneDesk } from "../simulator/phone-desk.tsx";
import { catchersQuery } from "../simulator/queries.ts";
import { Checklist } from "./checklist.tsx";
import { useProgress } from "./progress.ts";
import { putAway, useIsPutAway } from "./put-away.ts";
import { firstRunSearch } from "./search.ts";

const words = firstRunWords;

/** What is to be done on the left, the customer's phone in the middle, what arrives on the right. */
export function Page() {
  const [search, setSearch] = useAddress(firstRunSearch);
  const { progress, error, again } = useProgress(search.kind);
  return (
    <>
      <PageHead title={words.title} summary={words.summary}>
        <PutAway />
      </PageHead>
      {error !== null && <Failed what={words.title} error={error} onAgain={again} />}
      {!progress && error === null && <Skeleton widths={[260, 300, 280, 300]} />}
      {progress && (
        <div className="grid min-h-0 flex-1 grid-cols-[minmax(300px,340px)_354px_minmax(0,1fr)] border-t border-border max-[1240px]:grid-cols-[minmax(0,1fr)_354px] max-[1240px]:content-start max-[1240px]:overflow-auto phone:grid-cols-[minmax(0,1fr)]">
          <div className="min-[1241px]:min-h-0 min-[1241px]:overflow-auto">
            <Checklist progress={progress} />
          </div>
          <div className="border-x border-border bg-bg px-5 py-4 max-[1240px]:border-r-0 min-[1241px]:min-h-0 min-[1241px]:overflow-auto phone:border-x-0 phone:border-t">
            {progress.simulator.available ? (
              <>
                <KindPicker
                  kind={progress.kind}
                  onChange={(kind) => setSearch({ kind, request: undefined })}
                />
                <PhoneDesk simulator={progress.simulator} kind={progress.kind} />
              </>
            ) : (
              <Empty title={simulatorWords.off.title} className="px-0!">
                {progress.simulator.reason} {simulatorWords.off.safe}
              </Empty>
            )}
          </div>
          <div className="flex min-w-0 flex-col max-[1240px]:col-span-full max-[1240px]:min-h-120 max-[1240px]:border-t max-[1240px]:border-border min-[1241px]:min-h-0">
            <Caught
              chosen={search.catcher ?? progress.catcher?.id}
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

/** Before there is a catcher, the checklist is what makes one. */
function Caught(view: Parameters<typeof CatcherView>[0]) {
  const { data } = useQuery(catchersQuery);
  if (data?.data.length === 0)
    return <Empty title={words.catcher.title}>{words.catcher.text}</Empty>;
  return <CatcherView {...view} />;
}

function PutAway() {
  const { workspace } = useMe();
  const navigate = useNavigate();
  const isAway = useIsPutAway();
  return (
    <Button
      kind="quiet"
      onClick={() => {
        putAway(workspace.id, !isAway);
        if (!isAway) void navigate({ to: "/" });
      }}
    >
      {isAway ? words.keep : words.away}
    </Button>
  );
}
