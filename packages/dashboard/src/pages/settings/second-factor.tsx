import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../../parts/controls/button.tsx";
import { fetched } from "../../parts/late/fetched.ts";
import { Late } from "../../parts/late/late.tsx";
import { toastFact } from "../../parts/toasts/toasts.ts";
import { State } from "../../parts/values/state.tsx";
import { settingsWords } from "../../words/index.ts";
import { Group } from "./group.tsx";
import { ownSessionQuery } from "./own-account.ts";
import type { FactorAct } from "./password-ask.tsx";

const steps = () => import("./factor-steps.ts");
const PasswordAsk = fetched(() => steps().then((it) => it.PasswordAsk));
const AddAuthenticator = fetched(() => steps().then((it) => it.AddAuthenticator));
const BackupCodes = fetched(() => steps().then((it) => it.BackupCodes));

const words = settingsWords.factor;

/** How far somebody has come with the second factor. */
type Step =
  | { at: "rest" }
  | { at: "password"; act: FactorAct }
  | { at: "scan"; uri: string; codes: readonly string[] }
  | { at: "codes"; codes: readonly string[] };

/** Password, then the authenticator, then the backup codes, once. */
export function SecondFactor() {
  const { data } = useQuery(ownSessionQuery);
  const queries = useQueryClient();
  const [step, setStep] = useState<Step>({ at: "rest" });
  const isOn = data?.user.twoFactorEnabled === true;
  const rest = () => setStep({ at: "rest" });
  const changed = () => {
    for (const queryKey of [["own"], ["members"]]) void queries.invalidateQueries({ queryKey });
  };
  const ask = (act: FactorAct) => () => setStep({ at: "password", act });
  return (
    <Group
      title={words.title}
      end={
        data &&
        (isOn ? (
          <>
            <Button onClick={ask("codes")}>{words.newCodes}</Button>
            <Button kind="danger-quiet" onClick={ask("disable")}>
              {words.disable}
            </Button>
          </>
        ) : (
          <Button onClick={ask("enable")}>{words.enable}</Button>
        ))
      }
    >
      {data && (
        <p className="text-fg-2">
          <State of={isOn ? "delivered" : "cancelled"}>{isOn ? words.on : words.off}</State>
        </p>
      )}
      {step.at !== "rest" && (
        <Late onLeave={rest}>
          {step.at === "password" && (
            <PasswordAsk
              act={step.act}
              onClose={rest}
              onDone={({ totpURI, backupCodes }) => {
                if (step.act === "enable" && totpURI !== undefined)
                  setStep({ at: "scan", uri: totpURI, codes: backupCodes ?? [] });
                else if (step.act === "codes") setStep({ at: "codes", codes: backupCodes ?? [] });
                else {
                  rest();
                  changed();
                  toastFact({ fact: words.disabled });
                }
              }}
            />
          )}
          {step.at === "scan" && (
            <AddAuthenticator
              uri={step.uri}
              onClose={rest}
              onDone={() => {
                setStep({ at: "codes", codes: step.codes });
                changed();
                toastFact({ fact: words.enabled });
              }}
            />
          )}
          {step.at === "codes" && <BackupCodes codes={step.codes} onDone={rest} />}
        </Late>
      )}
    </Group>
  );
}
