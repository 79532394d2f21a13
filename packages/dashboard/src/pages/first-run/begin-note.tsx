import { useQuery } from "@tanstack/react-query";
import { useMay, useMe } from "../../api/me.ts";
import { Button, ButtonLink } from "../../parts/controls/button.tsx";
import { Note } from "../../parts/values/note.tsx";
import { firstRunWords } from "../../words/index.ts";
import { putAway, useIsPutAway } from "./put-away.ts";
import { deliveredQuery } from "./queries.ts";

const words = firstRunWords.begin;

/** Leads to the first run for as long as nothing has been delivered and nobody has put it away. */
export function BeginNote({ className }: { className?: string }) {
  const { workspace } = useMe();
  const { may } = useMay("endpoints:write");
  const isAway = useIsPutAway();
  const isWanted = may && !isAway;
  const { data: isDelivered } = useQuery({ ...deliveredQuery, enabled: isWanted });
  if (!isWanted || isDelivered !== false) return null;
  return (
    <Note
      {...(className === undefined ? {} : { className })}
      act={
        <span className="flex gap-2">
          <Button kind="quiet" onClick={() => putAway(workspace.id, true)}>
            {words.away}
          </Button>
          <ButtonLink kind="primary" to="/first-run">
            {words.act}
          </ButtonLink>
        </span>
      }
    >
      <b>{words.title}</b>
      <p>{words.text}</p>
    </Note>
  );
}
