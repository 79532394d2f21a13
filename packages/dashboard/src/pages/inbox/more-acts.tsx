import { CheckCheck } from "lucide-react";
import type { ReactElement } from "react";
import { Menu, MenuItem } from "../../parts/controls/menu.tsx";
import { inboxWords } from "../../words/index.ts";

/** What is seldom done with a conversation. */
export function MoreActs({
  trigger,
  refusal,
  onMarkRead,
}: {
  trigger: ReactElement<Record<string, unknown>>;
  refusal: string | null;
  onMarkRead(): void;
}) {
  return (
    <Menu trigger={trigger} defaultOpen>
      <MenuItem icon={CheckCheck} needs="messages:send" refusal={refusal} onClick={onMarkRead}>
        {inboxWords.acts.markRead}
      </MenuItem>
    </Menu>
  );
}
