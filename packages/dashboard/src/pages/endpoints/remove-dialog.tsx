import { useNavigate } from "@tanstack/react-router";
import { api, type Shape, taken } from "../../api/client.ts";
import { Confirm } from "../../parts/dialogs/confirm.tsx";
import { useAct } from "../../parts/toasts/act.ts";
import { endpointWords } from "../../words/index.ts";

const words = endpointWords.remove;

export function RemoveDialog({
  endpoint: { id, name },
  onClose,
}: {
  endpoint: Shape<"Endpoint">;
  onClose(): void;
}) {
  const navigate = useNavigate();
  const remove = useAct({
    does: () => taken(api.DELETE("/v1/endpoints/{id}", { params: { path: { id } } })),
    changes: [["endpoints"]],
    failed: endpointWords.notDone(endpointWords.acts.remove),
    done: () => words.done,
    onDone: () => void navigate({ to: "/endpoints" }),
  });
  return (
    <Confirm
      open
      onClose={onClose}
      title={words.title(name)}
      text={words.text}
      does={words.do}
      keep={words.keep}
      danger
      needs="endpoints:write"
      busy={remove.isBusy}
      call={{ method: "DELETE", path: `/v1/endpoints/${id}` }}
      onConfirm={() => void remove.run()}
    />
  );
}
