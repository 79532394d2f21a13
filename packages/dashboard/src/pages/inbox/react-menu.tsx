import type { ReactElement } from "react";
import { Menu, MenuItem, MenuLine } from "../../parts/controls/menu.tsx";
import { inboxWords } from "../../words/index.ts";

const EMOJIS = ["👍", "❤️", "😂", "😮", "🙏", "🎉"];

/** A few that everybody knows; null takes back what was there. */
export function ReactMenu({
  trigger,
  onReact,
}: {
  trigger: ReactElement<Record<string, unknown>>;
  onReact(emoji: string | null): void;
}) {
  return (
    <Menu trigger={trigger} align="start" defaultOpen>
      {EMOJIS.map((emoji) => (
        <MenuItem key={emoji} onClick={() => onReact(emoji)} needs="messages:send">
          {emoji}
        </MenuItem>
      ))}
      <MenuLine />
      <MenuItem onClick={() => onReact(null)} needs="messages:send">
        {inboxWords.message.takeBack}
      </MenuItem>
    </Menu>
  );
}
