import { useState } from "react";
import { api, type Shape, taken } from "../../api/client.ts";
import { Button } from "../../parts/controls/button.tsx";
import { Confirm } from "../../parts/dialogs/confirm.tsx";
import { SecretOnce } from "../../parts/dialogs/secret-once.tsx";
import { useAct } from "../../parts/toasts/act.ts";
import { Id } from "../../parts/values/id.tsx";
import { Glyph } from "../../parts/values/state.tsx";
import { Moment } from "../../parts/values/time.tsx";
import { number } from "../../words/format.ts";
import { endpointWords } from "../../words/index.ts";

const words = endpointWords.secrets;
type Endpoint = Shape<"Endpoint">;
type Step = "stage" | "promote" | "retire";

/** Stage, promote, retire: where the rotation stands, and the one act that is next. */
export function Rotation({ endpoint }: { endpoint: Endpoint }) {
  const { id, name, secrets } = endpoint;
  const [shown, setShown] = useState<string | null>(null);
  const [isRetiring, setRetiring] = useState(false);
  const rotate = useAct({
    does: (step: Step) =>
      taken(
        api.POST("/v1/endpoints/{id}/rotate-secret", {
          params: { path: { id } },
          body: { step } as never, // what is left out has its default
        }),
      ),
    changes: [["endpoint", id], ["endpoints"]],
    failed: endpointWords.notDone(endpointWords.aside.rotation),
    done: (_, step) =>
      step === "promote" ? words.promoted : step === "retire" ? words.retired : null,
    onDone: ({ secret }) => {
      setRetiring(false);
      if (secret !== undefined) setShown(secret);
    },
  });
  const staged = secrets.find(({ stage }) => stage === "staged");
  const retiring = secrets.find(({ stage }) => stage === "retiring");
  const at: Step | null = staged ? "promote" : retiring ? "retire" : null;
  const needed = retiring?.still_needed ?? null;
  return (
    <>
      {at !== null && (
        <ol className="mb-3 grid gap-3.5">
          <Line of="done" title={words.steps.stage} text={words.steps.stageText} />
          <Line
            of={at === "promote" ? "now" : "done"}
            title={words.steps.promote}
            text={needed === null ? words.steps.promoteText : words.steps.promoteSingle}
          />
          <Line
            of={at === "retire" ? "now" : "later"}
            title={words.steps.retire}
            text={
              retiring === undefined
                ? words.steps.retireText
                : needed === null
                  ? words.untold
                  : needed === 0
                    ? words.unneeded
                    : words.needed(number(needed))
            }
          />
        </ol>
      )}
      <ul className="rounded-lg border border-border">
        {secrets.map((secret) => (
          <li
            key={secret.id}
            className="flex min-h-10 items-center gap-2 border-t border-border-subtle px-2.5 py-1.5 first:border-0"
          >
            <Id id={secret.id} />
            <span className="ml-auto text-xs text-fg-3">
              {secret.stage === "signing" ? (
                <span className="rounded-sm bg-accent-soft px-1.5 py-0.5 font-medium text-accent">
                  {words.stages.signing}
                </span>
              ) : (
                words.stages[secret.stage]
              )}
              {secret.expires_at !== null && (
                <>
                  {", "}
                  <Moment at={secret.expires_at} />
                </>
              )}
            </span>
            {secret.stage === "staged" && (
              <Button
                size="sm"
                needs="endpoints:write"
                busy={rotate.isBusy}
                onClick={() => void rotate.run("promote")}
              >
                {words.promote}
              </Button>
            )}
            {secret.stage === "retiring" && (
              <Button size="sm" needs="endpoints:write" onClick={() => setRetiring(true)}>
                {words.retire}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {at === null && (
        <div className="mt-3">
          <Button
            needs="endpoints:write"
            busy={rotate.isBusy}
            onClick={() => void rotate.run("stage")}
          >
            {words.rotate}
          </Button>
        </div>
      )}
      <SecretOnce
        title={words.shownTitle}
        secret={shown}
        variable="CURLEW_WEBHOOK_SECRET"
        onDone={() => setShown(null)}
      />
      <Confirm
        open={isRetiring}
        onClose={() => setRetiring(false)}
        title={words.retireTitle(name)}
        text={needed === null ? words.retireUntold : words.retireText(number(needed))}
        does={words.retireDo}
        keep={words.retireKeep}
        danger
        needs="endpoints:write"
        busy={rotate.isBusy}
        call={{
          method: "POST",
          path: `/v1/endpoints/${id}/rotate-secret`,
          body: { step: "retire" },
        }}
        onConfirm={() => void rotate.run("retire")}
      />
    </>
  );
}

function Line({ of, title, text }: { of: "done" | "now" | "later"; title: string; text: string }) {
  return (
    <li
      aria-current={of === "now" ? "step" : undefined}
      className="grid grid-cols-[16px_minmax(0,1fr)] gap-x-2.5 gap-y-0.5"
    >
      <span className="mt-0.75 grid size-4 place-items-center">
        {of === "done" && (
          <span className="text-delivered">
            <Glyph of="delivered" />
          </span>
        )}
        {of === "now" && (
          <span className="size-3.5 rounded-full border-2 border-accent-solid bg-accent-solid inset-ring-[2.5px] inset-ring-surface" />
        )}
        {of === "later" && (
          <span className="size-3.5 rounded-full border-[1.5px] border-border-control" />
        )}
      </span>
      <b className={of === "later" ? "text-fg-3" : ""}>
        {title}
        <span className="sr-only">. {words.steps.at[of]}</span>
      </b>
      <p className="col-start-2 text-xs/[17px] text-fg-3">{text}</p>
    </li>
  );
}
