import { useState } from "react";
import { api, type Shape, taken } from "../../api/client.ts";
import { Button } from "../../parts/controls/button.tsx";
import { OnModEnter } from "../../parts/controls/mod-enter.tsx";
import { UnsavedGuard } from "../../parts/dialogs/unsaved-guard.tsx";
import { useAct } from "../../parts/toasts/act.ts";
import { useApiCall } from "../../parts/values/api-call.tsx";
import { endpointWords } from "../../words/index.ts";
import { bodyOf, type Draft, draftOf } from "./draft.ts";
import { EndpointForm } from "./form.tsx";

const words = endpointWords.settings;

/** Everything of an endpoint that can be changed later. */
export function SettingsTab({ endpoint }: { endpoint: Shape<"Endpoint"> }) {
  const { id } = endpoint;
  const [draft, setDraft] = useState<Draft>(() => draftOf(endpoint));
  const before = bodyOf(draftOf(endpoint));
  const body = Object.fromEntries(
    Object.entries(bodyOf(draft)).filter(
      ([name, value]) =>
        JSON.stringify(value) !== JSON.stringify(before[name as keyof typeof before]),
    ),
  );
  const isDirty = Object.keys(body).length > 0;
  const save = useAct({
    does: () => taken(api.PATCH("/v1/endpoints/{id}", { params: { path: { id } }, body })),
    changes: [["endpoint", id], ["endpoints"]],
    failed: endpointWords.form.failed,
    done: () => words.saved,
    onDone: (saved) => setDraft(draftOf(saved)),
    onRefused: ({ fields }) => fields.length > 0,
  });
  const call = useApiCall({ method: "PATCH", path: `/v1/endpoints/${id}`, body });
  const submit = () => {
    if (isDirty && !save.isBusy) void save.run();
  };
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <UnsavedGuard isDirty={isDirty} />
      <OnModEnter run={submit} />
      <form
        noValidate
        className="min-h-0 flex-1 overflow-y-auto px-6 py-2 phone:px-4"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <div className="max-w-180">
          <EndpointForm
            draft={draft}
            onChange={(part) => setDraft((was) => ({ ...was, ...part }))}
            isNew={false}
            refused={save.refusal}
          />
          {call.shown}
        </div>
      </form>
      <div className="flex min-h-13 flex-none flex-wrap items-center gap-2 border-t border-border px-6 py-2 phone:px-4">
        <p className="mr-auto text-fg-3">{isDirty ? words.unsaved : words.upToDate}</p>
        {call.button}
        <Button
          kind="primary"
          keys="⌘↵"
          needs="endpoints:write"
          busy={save.isBusy}
          refusal={isDirty ? null : words.upToDate}
          onClick={submit}
        >
          {words.save}
        </Button>
      </div>
    </div>
  );
}
