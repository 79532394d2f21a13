import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, type Shape, taken } from "../../api/client.ts";
import { Button } from "../../parts/controls/button.tsx";
import { SecretOnce } from "../../parts/dialogs/secret-once.tsx";
import { fetched } from "../../parts/late/fetched.ts";
import { Late } from "../../parts/late/late.tsx";
import { useAct } from "../../parts/toasts/act.ts";
import { CopyButton } from "../../parts/values/copy.tsx";
import { Properties } from "../../parts/values/properties.tsx";
import { endpointWords } from "../../words/index.ts";
import { canMakeKeys, type Jwk, makePair, thumbprintOf } from "./hold-key.ts";

const HoldKeyDialog = fetched(() => import("./hold-key-dialog.tsx").then((it) => it.HoldKeyDialog));
const Confirm = fetched(() => import("../../parts/dialogs/confirm.tsx").then((it) => it.Confirm));

const words = endpointWords.hold;

/** To whose key purged bodies are sealed, so that they can be kept, and read by nobody here. */
export function SealedHold({ endpoint }: { endpoint: Shape<"Endpoint"> }) {
  const { id, name, hold_key: key } = endpoint;
  const [asks, setAsks] = useState<"paste" | "remove" | null>(null);
  const [made, setMade] = useState<Awaited<ReturnType<typeof makePair>> | null>(null);
  const close = () => setAsks(null);
  const give = useAct({
    does: (holdKey: Jwk | null) =>
      taken(
        api.PATCH("/v1/endpoints/{id}", {
          params: { path: { id } },
          body: { hold_key: holdKey },
        }),
      ),
    changes: [["endpoint", id], ["endpoints"]],
    failed: words.failed,
    done: (_, holdKey) => (holdKey === null ? words.removed : words.given),
    onDone: close,
    onRefused: ({ fields }) => asks === "paste" && fields.length > 0,
  });
  return (
    <section aria-label={words.title} className="mt-8 max-w-135 border-t border-border pt-5">
      <h2 className="mb-1 font-medium">{words.title}</h2>
      <p className="mb-3 text-fg-3">{key === null ? words.none : words.some}</p>
      {key !== null && <KeyFacts holdKey={key} />}
      <div className="mt-3 flex flex-wrap gap-2">
        <Button
          needs="endpoints:write"
          busy={give.isBusy}
          refusal={canMakeKeys ? null : words.insecure}
          onClick={() => void makePair().then(setMade)}
        >
          {key === null ? words.make : words.makeNew}
        </Button>
        <Button needs="endpoints:write" onClick={() => setAsks("paste")}>
          {words.paste}
        </Button>
        {key !== null && (
          <Button kind="danger-quiet" needs="endpoints:write" onClick={() => setAsks("remove")}>
            {words.remove}
          </Button>
        )}
      </div>
      <SecretOnce
        title={words.madeTitle}
        secret={made?.privateKey ?? null}
        variable="CURLEW_HOLD_PRIVATE_KEY"
        text={words.madeText}
        onDone={() => {
          setMade(null);
          // Only now: nothing is sealed to a key whose other half nobody has.
          if (made !== null) void give.run(made.holdKey);
        }}
      />
      {asks === "paste" && (
        <Late onLeave={close}>
          <HoldKeyDialog
            endpointId={id}
            refused={give.refusal}
            isBusy={give.isBusy}
            onGive={(holdKey) => void give.run(holdKey)}
            onClose={close}
          />
        </Late>
      )}
      {asks === "remove" && (
        <Late onLeave={close}>
          <Confirm
            open
            onClose={close}
            title={words.removeTitle(name)}
            text={words.removeText}
            does={words.removeDo}
            keep={words.removeKeep}
            danger
            needs="endpoints:write"
            busy={give.isBusy}
            call={{ method: "PATCH", path: `/v1/endpoints/${id}`, body: { hold_key: null } }}
            onConfirm={() => void give.run(null)}
          />
        </Late>
      )}
    </section>
  );
}

function KeyFacts({ holdKey }: { holdKey: Readonly<Record<string, string>> }) {
  const { data: thumbprint = null } = useQuery({
    queryKey: ["thumbprint", holdKey],
    queryFn: () => thumbprintOf(holdKey),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Properties
      items={[
        [words.kind, holdKey["kty"] === "RSA" ? words.rsa : words.ec],
        thumbprint === null
          ? null
          : [
              words.thumbprint,
              <span key="thumbprint" className="flex items-center">
                <code className="truncate text-xs" title={thumbprint}>
                  {thumbprint}
                </code>
                <CopyButton text={thumbprint} what={words.thumbprint} />
              </span>,
            ],
      ]}
    />
  );
}
