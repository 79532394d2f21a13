import { type FormEvent, useState } from "react";
import { useMe } from "../../api/me.ts";
import { Button } from "../../parts/controls/button.tsx";
import { Field, Input } from "../../parts/controls/field.tsx";
import { CheckLine } from "../../parts/controls/switches.tsx";
import { useAct } from "../../parts/toasts/act.ts";
import { settingsWords } from "../../words/index.ts";
import { Group } from "./group.tsx";
import { askAccount } from "./own-account.ts";

const words = settingsWords.password;
const SHORTEST = 10;

export function PasswordForm() {
  const me = useMe();
  const [currentPassword, setCurrent] = useState("");
  const [newPassword, setNext] = useState("");
  const [revokeOtherSessions, setOthers] = useState(true);
  const change = useAct({
    does: () =>
      askAccount("change-password", { currentPassword, newPassword, revokeOtherSessions }),
    changes: [["own"]],
    failed: words.title,
    done: () => ({
      fact: words.done,
      ...(revokeOtherSessions ? { consequence: words.doneOthers } : {}),
    }),
    onDone: () => {
      setCurrent("");
      setNext("");
    },
    onRefused: () => true,
  });
  const refusal =
    currentPassword === "" || newPassword === ""
      ? words.needsBoth
      : newPassword.length < SHORTEST
        ? words.tooShort
        : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (refusal === null && !change.isBusy) void change.run();
  };
  return (
    <Group title={words.title}>
      <form onSubmit={submit}>
        <input
          className="sr-only"
          tabIndex={-1}
          aria-hidden
          readOnly
          autoComplete="username"
          value={me.person?.email ?? ""}
        />
        <Field label={words.current} error={change.refusal?.message}>
          {(control) => (
            <Input
              {...control}
              type="password"
              autoComplete="current-password"
              value={currentPassword}
              onChange={(event) => setCurrent(event.target.value)}
            />
          )}
        </Field>
        <Field label={words.next} help={words.nextHelp}>
          {(control) => (
            <Input
              {...control}
              type="password"
              autoComplete="new-password"
              value={newPassword}
              onChange={(event) => setNext(event.target.value)}
            />
          )}
        </Field>
        <div className="mt-1 flex flex-wrap items-center gap-x-4 gap-y-2">
          <CheckLine checked={revokeOtherSessions} onChange={setOthers}>
            {words.others}
          </CheckLine>
          <Button type="submit" className="ml-auto" busy={change.isBusy} refusal={refusal}>
            {words.act}
          </Button>
        </div>
      </form>
    </Group>
  );
}
