import { useState } from "react";
import { api, type Shape, taken } from "../../api/client.ts";
import { useMe } from "../../api/me.ts";
import { Choice, Field, Input } from "../../parts/controls/field.tsx";
import { CheckLine } from "../../parts/controls/switches.tsx";
import { ActDialog } from "../../parts/dialogs/act-dialog.tsx";
import { useAct } from "../../parts/toasts/act.ts";
import { useApiCall } from "../../parts/values/api-call.tsx";
import { usageWords } from "../../words/index.ts";
import { FEATURES, type Feature } from "./features.ts";
import { localInput, utcOf } from "./local-time.ts";

const words = usageWords.change;
type Usage = Shape<"Usage">;

/** The operator gives a workspace its plan, what it has beyond it, and the end of a trial. */
export function PlanDialog({
  usage,
  plans,
  onClose,
}: {
  usage: Usage;
  plans: readonly Shape<"Plan">[];
  onClose(): void;
}) {
  const { workspace } = useMe();
  const [plan, setPlan] = useState(usage.plan);
  const [addOns, setAddOns] = useState<ReadonlySet<Feature>>(new Set(usage.add_ons));
  const [trial, setTrial] = useState(
    usage.trial_ends_at === null ? "" : localInput(usage.trial_ends_at),
  );
  const features = plans.find(({ name }) => name === plan)?.features ?? [];
  const body = {
    plan,
    // What the plan opens by itself is no add-on.
    add_ons: FEATURES.filter((each) => addOns.has(each) && !features.includes(each)),
    trial_ends_at: trial === "" ? null : utcOf(trial),
  };
  const path = `/v1/workspaces/${workspace.id}`;
  const call = useApiCall({ method: "PATCH", path, body });
  const change = useAct({
    does: () =>
      taken(api.PATCH("/v1/workspaces/{id}", { params: { path: { id: workspace.id } }, body })),
    changes: [["usage"], ["endpoints"], ["endpoint"]],
    failed: words.failed,
    done: () => ({ fact: words.done(workspace.name) }),
    onDone: onClose,
    onRefused: ({ fields }) => fields.length > 0,
  });
  return (
    <ActDialog
      onClose={onClose}
      title={words.title(workspace.name)}
      text={words.text}
      aside={call.button}
      does={words.does}
      busy={change.isBusy}
      onAct={() => void change.run()}
    >
      <Field label={usageWords.plan} error={change.refusal?.at("/plan")}>
        {(control) => (
          <Choice
            {...control}
            value={plan}
            onChange={(event) => setPlan(event.target.value)}
            options={plans.map(({ name, title }) => ({ value: name, label: title }))}
          />
        )}
      </Field>
      <Field label={words.addOns} help={words.addOnsHelp} error={change.refusal?.at("/add_ons")}>
        {({ id }) => (
          <fieldset id={id} className="grid gap-1.5 pt-1.5">
            <legend className="sr-only">{words.addOns}</legend>
            {FEATURES.map((feature) => (
              <CheckLine
                key={feature}
                checked={addOns.has(feature) || features.includes(feature)}
                disabled={features.includes(feature)}
                onChange={(checked) => setAddOns((all) => changed(all, feature, checked))}
              >
                {usageWords.features[feature].name}{" "}
                {features.includes(feature) && (
                  <span className="ml-1 text-xs text-fg-3">{words.inPlan}</span>
                )}
              </CheckLine>
            ))}
          </fieldset>
        )}
      </Field>
      <Field
        label={words.trial}
        help={words.trialHelp}
        error={change.refusal?.at("/trial_ends_at")}
      >
        {(control) => (
          <Input
            {...control}
            type="datetime-local"
            className="w-56!"
            value={trial}
            onChange={(event) => setTrial(event.target.value)}
          />
        )}
      </Field>
      {call.shown}
    </ActDialog>
  );
}

function changed(all: ReadonlySet<Feature>, feature: Feature, isIn: boolean): ReadonlySet<Feature> {
  const next = new Set(all);
  if (isIn) next.add(feature);
  else next.delete(feature);
  return next;
}
