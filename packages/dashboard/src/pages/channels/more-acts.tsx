import { type ReactElement, useState } from "react";
import { api, taken } from "../../api/client.ts";
import { Field, Input } from "../../parts/controls/field.tsx";
import { Menu, MenuItem, MenuLine } from "../../parts/controls/menu.tsx";
import { ActDialog } from "../../parts/dialogs/act-dialog.tsx";
import { Confirm } from "../../parts/dialogs/confirm.tsx";
import { useAct } from "../../parts/toasts/act.ts";
import { channelWords } from "../../words/index.ts";
import type { Channel } from "./queries.ts";

const words = channelWords.detail;

/** What is seldom done with a channel. */
export function MoreActs({
  trigger,
  channel,
  onGone,
}: {
  trigger: ReactElement<Record<string, unknown>>;
  channel: Channel;
  onGone(): void;
}) {
  const { id, name, is_default: isDefault } = channel;
  const [asks, setAsks] = useState<"name" | "disconnect" | null>(null);
  const path = { params: { path: { id } } };
  const changes = [["channels"], ["channel", id]];
  const makeDefault = useAct({
    does: () => taken(api.PATCH("/v1/channels/{id}", { ...path, body: { is_default: true } })),
    changes,
    failed: words.defaultFailed,
    done: () => ({ fact: words.defaultDone(name) }),
  });
  const disconnect = useAct({
    does: () => taken(api.DELETE("/v1/channels/{id}", path)),
    changes: [["channels"]],
    failed: words.disconnectFailed,
    done: () => ({ fact: words.disconnected(name) }),
    onDone: onGone,
  });
  return (
    <>
      <Menu trigger={trigger} defaultOpen>
        <MenuItem needs="channels:write" onClick={() => setAsks("name")}>
          {words.rename}
        </MenuItem>
        <MenuItem
          needs="channels:write"
          refusal={isDefault ? words.defaultDone(name) : null}
          onClick={() => void makeDefault.run()}
        >
          {words.makeDefault}
        </MenuItem>
        <MenuLine />
        <MenuItem danger needs="channels:write" onClick={() => setAsks("disconnect")}>
          {words.disconnect}
        </MenuItem>
      </Menu>
      {asks === "name" && <NameForm channel={channel} onClose={() => setAsks(null)} />}
      <Confirm
        open={asks === "disconnect"}
        onClose={() => setAsks(null)}
        title={words.disconnectTitle(name)}
        text={words.disconnectText}
        does={words.disconnectDo}
        keep={words.disconnectKeep}
        danger
        needs="channels:write"
        call={{ method: "DELETE", path: `/v1/channels/${id}` }}
        busy={disconnect.isBusy}
        onConfirm={() => void disconnect.run()}
      />
    </>
  );
}

function NameForm({ channel, onClose }: { channel: Channel; onClose(): void }) {
  const { id } = channel;
  const [name, setName] = useState(channel.name);
  const rename = useAct({
    does: () =>
      taken(
        api.PATCH("/v1/channels/{id}", { params: { path: { id } }, body: { name: name.trim() } }),
      ),
    changes: [["channels"], ["channel", id], ["conversations"]],
    failed: words.renameFailed,
    onRefused: (refused) => refused.fields.length > 0,
    onDone: onClose,
  });
  return (
    <ActDialog
      onClose={onClose}
      title={words.rename}
      width={420}
      does={words.save}
      needs="channels:write"
      busy={rename.isBusy}
      onAct={() => void rename.run()}
    >
      <Field stacked label={channelWords.form.name} error={rename.refusal?.at("/name")}>
        {(control) => (
          <Input
            {...control}
            value={name}
            maxLength={100}
            onChange={(event) => setName(event.target.value)}
          />
        )}
      </Field>
    </ActDialog>
  );
}
