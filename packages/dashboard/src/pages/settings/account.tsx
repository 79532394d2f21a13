import { useState } from "react";
import { roleOf, useMe } from "../../api/me.ts";
import { areKeysOn, switchKeys } from "../../parts/acts.ts";
import { Field } from "../../parts/controls/field.tsx";
import { Segments } from "../../parts/controls/segments.tsx";
import { Switch } from "../../parts/controls/switches.tsx";
import { Id } from "../../parts/values/id.tsx";
import { Properties } from "../../parts/values/properties.tsx";
import { chooseTheme, chosenTheme, type Theme } from "../../style/theme.ts";
import { settingsWords, shellWords } from "../../words/index.ts";
import { Group } from "./group.tsx";
import { PasswordForm } from "./password-form.tsx";
import { SecondFactor } from "./second-factor.tsx";
import { Sessions } from "./sessions.tsx";

/** Your own account: how you come in, and what this browser keeps. */
export function Account() {
  return (
    <>
      <You />
      <PasswordForm />
      <SecondFactor />
      <Sessions />
      <Here />
    </>
  );
}

function You() {
  const me = useMe();
  const words = settingsWords.account;
  if (!me.person) return null;
  return (
    <Group title={words.you}>
      <Properties
        items={[
          [words.name, me.person.name],
          [words.email, me.person.email],
          [words.role, shellWords.roles[roleOf(me)]],
          [words.id, <Id key="id" id={me.person.id} shown="always" />],
        ]}
      />
    </Group>
  );
}

const THEMES: readonly Theme[] = ["system", "light", "dark"];

function Here() {
  const words = settingsWords.here;
  const [keys, setKeys] = useState(areKeysOn());
  const [theme, setTheme] = useState(chosenTheme());
  return (
    <Group title={words.title}>
      <Field label={words.theme}>
        {({ id }) => (
          <div id={id}>
            <Segments
              label={words.theme}
              value={theme}
              options={THEMES.map((value) => ({ value, label: words.themes[value] }))}
              onChange={(next) => {
                chooseTheme(next);
                setTheme(next);
              }}
            />
          </div>
        )}
      </Field>
      <Field label={words.keys} help={words.keysHelp}>
        {({ id }) => (
          <div className="pt-1.5">
            <Switch
              id={id}
              label={words.keys}
              checked={keys}
              onChange={(on) => {
                switchKeys(on);
                setKeys(on);
              }}
            />
          </div>
        )}
      </Field>
    </Group>
  );
}
