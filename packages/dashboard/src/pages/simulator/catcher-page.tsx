import { Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { api, taken } from "../../api/client.ts";
import { useAddress } from "../../parts/address.ts";
import { Button } from "../../parts/controls/button.tsx";
import { fetched } from "../../parts/late/fetched.ts";
import { Late } from "../../parts/late/late.tsx";
import { PageHead } from "../../parts/page-head.tsx";
import { useAct } from "../../parts/toasts/act.ts";
import { simulatorWords } from "../../words/index.ts";
import { CatcherView, useMakeCatcher, useShownCatcher } from "./catcher.tsx";
import { catcherSearch } from "./search.ts";

const Confirm = fetched(() => import("../../parts/dialogs/confirm.tsx").then((it) => it.Confirm));

const words = simulatorWords.caught;

/** Receivers inside Curlew, and what they have caught. */
export function Page() {
  const [search, setSearch] = useAddress(catcherSearch);
  const { catcher } = useShownCatcher(search.catcher);
  const [isRemoving, setRemoving] = useState(false);
  const make = useMakeCatcher();
  const remove = useAct({
    does: (id: string) => taken(api.DELETE("/v1/catchers/{id}", { params: { path: { id } } })),
    changes: [["catchers"]],
    failed: words.deleteFailed,
    onDone: () => {
      setRemoving(false);
      setSearch({ catcher: undefined, request: undefined });
    },
  });
  return (
    <>
      <PageHead title={words.page} summary={words.summary}>
        {catcher && (
          <Button icon={Trash2} needs="endpoints:write" onClick={() => setRemoving(true)}>
            {words.delete}
          </Button>
        )}
        {catcher && (
          <Button
            icon={Plus}
            needs="endpoints:write"
            busy={make.isBusy}
            onClick={() => void make.run()}
          >
            {words.make}
          </Button>
        )}
      </PageHead>
      <div className="page-gutter flex min-h-0 flex-1 flex-col border-t border-border">
        <CatcherView
          chosen={search.catcher}
          request={search.request}
          onChoose={(catcher) => setSearch({ catcher, request: undefined })}
          onRequest={(request) => setSearch({ request })}
        />
      </div>
      {isRemoving && catcher && (
        <Late onLeave={() => setRemoving(false)}>
          <Confirm
            open
            onClose={() => setRemoving(false)}
            title={words.deleteTitle(catcher.name)}
            text={words.deleteText}
            does={words.deleteDo}
            keep={words.deleteKeep}
            danger
            needs="endpoints:write"
            busy={remove.isBusy}
            call={{ method: "DELETE", path: `/v1/catchers/${catcher.id}` }}
            onConfirm={() => void remove.run(catcher.id)}
          />
        </Late>
      )}
    </>
  );
}
