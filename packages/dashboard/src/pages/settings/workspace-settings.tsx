import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, taken } from "../../api/client.ts";
import { useMe } from "../../api/me.ts";
import { Button } from "../../parts/controls/button.tsx";
import { Field, Input } from "../../parts/controls/field.tsx";
import { Failed, Skeleton } from "../../parts/lists/blank.tsx";
import { SettingSwitches } from "../../parts/setting-switches.tsx";
import { useAct } from "../../parts/toasts/act.ts";
import { Id } from "../../parts/values/id.tsx";
import { settingsWords } from "../../words/index.ts";
import { Group } from "./group.tsx";

const words = settingsWords.workspace;

/** What holds where no channel says otherwise. */
export function WorkspaceSettings() {
  const { data, error, refetch } = useQuery({
    queryKey: ["settings"],
    queryFn: () => taken(api.GET("/v1/settings")),
  });
  if (error && !data)
    return <Failed what={settingsWords.title} error={error} onAgain={() => void refetch()} />;
  return (
    <>
      <Group title={settingsWords.parts.workspace}>
        <Rename />
      </Group>
      <Group title={words.group} note={words.what}>
        {!data && <Skeleton widths={[320, 280, 300]} />}
        {data && (
          <SettingSwitches
            level="workspace"
            holding={data}
            own={data}
            needs="settings:write"
            change={(body) => taken(api.PATCH("/v1/settings", { body }))}
            changes={[["settings"], ["channels"], ["channel"]]}
          />
        )}
      </Group>
    </>
  );
}

/** The operator's to do. */
function Rename() {
  const { workspace, is_operator: isOperator } = useMe();
  const [name, setName] = useState(workspace.name);
  const rename = useAct({
    does: () =>
      taken(
        api.PATCH("/v1/workspaces/{id}", {
          params: { path: { id: workspace.id } },
          body: { name: name.trim() },
        }),
      ),
    changes: [["me"]],
    failed: words.renameFailed,
    done: () => ({ fact: words.renamed }),
    onRefused: (refused) => refused.at("/name") !== undefined,
  });
  const refusal = !isOperator
    ? words.operatorOnly
    : name.trim() === ""
      ? words.empty
      : name.trim() === workspace.name
        ? words.same
        : null;
  return (
    <>
      <Field label={words.name} help={words.nameHelp} error={rename.refusal?.at("/name")}>
        {(control) => (
          <form
            className="flex gap-2"
            onSubmit={(event) => {
              event.preventDefault();
              if (refusal === null && !rename.isBusy) void rename.run();
            }}
          >
            <Input
              {...control}
              value={name}
              maxLength={100}
              readOnly={!isOperator}
              onChange={(event) => setName(event.target.value)}
            />
            <Button
              type="submit"
              className="h-(--control-lg)!"
              busy={rename.isBusy}
              refusal={refusal}
            >
              {words.save}
            </Button>
          </form>
        )}
      </Field>
      <Field label={words.id}>
        {({ id }) => (
          <div id={id} className="pt-1.5">
            <Id id={workspace.id} shown="always" />
          </div>
        )}
      </Field>
    </>
  );
}
