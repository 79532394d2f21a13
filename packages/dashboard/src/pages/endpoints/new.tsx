import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { api, taken } from "../../api/client.ts";
import { Button } from "../../parts/controls/button.tsx";
import { OnModEnter } from "../../parts/controls/mod-enter.tsx";
import { SecretOnce } from "../../parts/dialogs/secret-once.tsx";
import { UnsavedGuard } from "../../parts/dialogs/unsaved-guard.tsx";
import { PageHead } from "../../parts/page-head.tsx";
import { useSettled } from "../../parts/settled.ts";
import { useAct } from "../../parts/toasts/act.ts";
import { useApiCall } from "../../parts/values/api-call.tsx";
import { endpointWords } from "../../words/index.ts";
import { type Draft, NEW, newBodyOf, waitsIn, wordsIn } from "./draft.ts";
import { EndpointForm } from "./form.tsx";
import { Preview } from "./preview.tsx";
import { dialectsQuery } from "./queries.ts";

const words = endpointWords.form;
const SETTLED_MS = 350;

/** What exactly will my server receive, and what if it fails? */
export function Page() {
  const navigate = useNavigate();
  const [draft, setDraft] = useState<Draft>(NEW);
  const [sample, setSample] = useState("");
  const [isTried, setTried] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const [made, setMade] = useState<{ id: string; secret: string } | null>(null);
  const change = (part: Partial<Draft>) => setDraft((was) => ({ ...was, ...part }));
  const { data: dialects } = useQuery(dialectsQuery);
  const dialect = dialects?.find(({ name }) => name === draft.dialect);
  const url = useSettled(draft.url.trim(), SETTLED_MS);
  const fields = useSettled(wordsIn(draft.fields).join(","), SETTLED_MS);
  const chosen = [...draft.events];
  const type =
    sample === "" || (!draft.everything && !draft.events.has(sample)) ? chosen[0] : sample;
  const preview = useQuery({
    queryKey: ["preview", draft.dialect, type, url, fields],
    queryFn: () =>
      taken(
        api.GET("/v1/dialects/{name}/preview", {
          params: {
            path: { name: draft.dialect },
            query: {
              ...(type === undefined ? {} : { type }),
              ...(url === "" ? {} : { url }),
              ...(fields === "" ? {} : { custom_fields: fields }),
            },
          },
        }),
      ),
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });
  const create = useAct({
    does: () => taken(api.POST("/v1/endpoints", { body: newBodyOf(draft) as never })), // defaults are left out
    changes: [["endpoints"]],
    failed: words.failed,
    done: () => words.created,
    onDone: ({ id, secret }) => {
      if (secret === null) void navigate({ to: `/endpoints/${id}` });
      else setMade({ id, secret });
    },
    onRefused: ({ fields: wrong }) => wrong.length > 0,
  });
  const call = useApiCall({ method: "POST", path: "/v1/endpoints", body: newBodyOf(draft) });
  const isReady =
    draft.name.trim() !== "" &&
    draft.url.trim() !== "" &&
    (draft.everything || draft.events.size > 0) &&
    waitsIn(draft.waits) !== null;
  const missing: Readonly<Record<string, string>> = {
    ...(draft.name.trim() === "" ? { "/name": words.needsName } : {}),
    ...(draft.url.trim() === "" ? { "/url": words.needsUrl } : {}),
  };
  const submit = () => {
    setTried(true);
    if (isReady && !create.isBusy) void create.run();
    const [first] = Object.keys(missing);
    if (first !== undefined)
      form.current?.querySelector<HTMLElement>(`[name="${first.slice(1)}"]`)?.focus();
  };
  const verdict = url === draft.url.trim() && url !== "" ? preview.data?.url : null;
  const waits = waitsIn(draft.waits);
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <UnsavedGuard isDirty={draft !== NEW && made === null} />
      <OnModEnter run={submit} />
      <div className="grid min-h-0 flex-1 grid-cols-[minmax(0,1fr)_minmax(380px,500px)] overflow-y-auto max-[1100px]:grid-cols-1">
        <div className="min-w-0">
          <PageHead title={endpointWords.create} />
          <form
            ref={form}
            noValidate
            className="px-6 pb-6 phone:px-4"
            onSubmit={(event) => {
              event.preventDefault();
              submit();
            }}
          >
            <EndpointForm
              draft={draft}
              onChange={change}
              isNew
              refused={create.refusal}
              missing={isTried ? missing : {}}
              urlFinding={verdict ? { ok: verdict.ok, text: verdict.detail ?? words.urlOk } : null}
            />
            {create.refusal && create.refusal.fields.length > 0 && (
              <p role="alert" className="mt-2 text-dead">
                {create.refusal.message}
              </p>
            )}
            {call.shown}
          </form>
        </div>
        <Preview
          preview={preview.data}
          dialect={dialect}
          waits={waits === null || waits.length === 0 ? (dialect?.retry_schedule ?? []) : waits}
          timeoutMs={draft.timeout === "" ? (dialect?.timeout_ms ?? 0) : Number(draft.timeout)}
          samples={draft.everything ? (dialect?.events?.map(({ name }) => name) ?? []) : chosen}
          sample={type ?? ""}
          onSample={setSample}
        />
      </div>
      <div className="flex min-h-13 flex-none flex-wrap items-center gap-2 border-t phone:justify-end border-border bg-surface px-6 py-2 phone:px-4">
        <p className="mr-auto min-w-0 flex-1 basis-40 text-fg-3 phone:hidden">
          {dialect && words.starts[dialect.initial_state]}
        </p>
        {call.button}
        <Button onClick={() => void navigate({ to: "/endpoints" })}>{words.cancel}</Button>
        <Button
          kind="primary"
          keys="⌘↵"
          needs="endpoints:write"
          busy={create.isBusy}
          refusal={isReady ? null : `${words.name}, ${words.url}`}
          onClick={submit}
        >
          {words.create}
        </Button>
      </div>
      <SecretOnce
        title={words.secretTitle}
        secret={made?.secret ?? null}
        variable="CURLEW_WEBHOOK_SECRET"
        onDone={() => void navigate({ to: `/endpoints/${made?.id ?? ""}` })}
      />
    </div>
  );
}
