import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, type Shape, taken } from "../../api/client.ts";
import { Choice, Field } from "../../parts/controls/field.tsx";
import { ActDialog } from "../../parts/dialogs/act-dialog.tsx";
import { useAct } from "../../parts/toasts/act.ts";
import { Headers } from "../../parts/values/code.tsx";
import { Json } from "../../parts/values/json.tsx";
import { Note } from "../../parts/values/note.tsx";
import { bytes, took } from "../../words/format.ts";
import { endpointWords } from "../../words/index.ts";
import { dialectsQuery, eventTypesQuery } from "./queries.ts";

const words = endpointWords.test;

/** A sample, sent now; the answer comes first, then what was sent. */
export function TestDialog({
  endpoint: { id, dialect },
  onClose,
}: {
  endpoint: Shape<"Endpoint">;
  onClose(): void;
}) {
  const [type, setType] = useState("");
  const [came, setCame] = useState<Shape<"EndpointTest"> | null>(null);
  const { data: dialects } = useQuery(dialectsQuery);
  const { data: types } = useQuery(eventTypesQuery);
  const own = dialects?.find(({ name }) => name === dialect)?.events;
  const names = own
    ? [...new Set(own.map(({ name }) => name))]
    : (types ?? []).map((each) => each.type);
  const test = useAct({
    does: () =>
      taken(
        api.POST("/v1/endpoints/{id}/test", {
          params: { path: { id } },
          body: type === "" ? {} : { type },
        }),
      ),
    changes: [["endpoint", id]],
    failed: endpointWords.notDone(endpointWords.acts.test),
    onDone: setCame,
  });
  return (
    <ActDialog
      onClose={onClose}
      title={words.title}
      text={words.text}
      width={680}
      keep={words.close}
      does={words.send}
      needs="endpoints:write"
      busy={test.isBusy}
      onAct={() => void test.run()}
    >
      <Field label={words.type} stacked>
        {(control) => (
          <Choice
            {...control}
            value={type}
            onChange={(event) => setType(event.target.value)}
            options={[
              { value: "", label: words.usual },
              ...names.map((name) => ({ value: name, label: name })),
            ]}
          />
        )}
      </Field>
      {came && <Outcome came={came} />}
    </ActDialog>
  );
}

function Outcome({ came }: { came: Shape<"EndpointTest"> }) {
  const { request, response, status, ms, delivered, error } = came;
  return (
    <div className="mt-3 grid gap-3" role="status">
      <Note tone={delivered ? "good" : "bad"}>
        {status !== null ? <b>{words.delivered(status, took(ms))}</b> : <b>{error}</b>}
        {status !== null && error !== null && <p>{error}</p>}
      </Note>
      <div className="max-h-[42vh] overflow-auto rounded-md border border-border">
        {response !== null && response !== "" && (
          <Json
            text={response}
            title={words.answer}
            note={bytes(response.length)}
            what={words.answer}
            flat
          />
        )}
        <div className="bg-surface-sunken">
          <Headers
            first={
              <>
                <b>{request.method}</b> {request.url}
              </>
            }
            headers={Object.entries(request.headers).map(([name, value]) => ({ name, value }))}
          />
        </div>
        <Json
          text={request.body}
          title={words.body}
          note={bytes(request.body.length)}
          what={words.body}
          flat
        />
      </div>
    </div>
  );
}
