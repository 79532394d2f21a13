import type { Shape } from "../../api/client.ts";
import { channelWords, partWords } from "../../words/index.ts";

/** What one level says itself, in words; a dash where it says nothing. */
export function SettingMarks({ settings }: { settings: Shape<"OwnSettings"> }) {
  const words = channelWords.marks;
  const marks = [
    settings.ai_enabled === false && words.ai_off,
    settings.external_reply_mode === true && words.external_reply_mode,
    settings.inbound_body_purge === true && words.inbound_body_purge,
  ].filter((mark) => mark !== false);
  return (
    <span className="text-fg-2">{marks.length === 0 ? partWords.none : marks.join(", ")}</span>
  );
}
