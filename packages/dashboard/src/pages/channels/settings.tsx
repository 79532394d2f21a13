import { useQuery } from "@tanstack/react-query";
import { api, taken } from "../../api/client.ts";
import { useMay } from "../../api/me.ts";
import { SettingSwitches } from "../../parts/setting-switches.tsx";
import { accountQuery } from "./accounts.ts";
import { type Channel, channelQuery, DEFAULT_SETTINGS, settingsQuery } from "./queries.ts";

/** Switches of a channel. */
export function ChannelSettings({ channel }: { channel: Channel }) {
  const { id, kind, settings: own, account_id: accountId } = channel;
  const seesSettings = useMay("settings:read").may;
  const { data: workspace } = useQuery({ ...settingsQuery(), enabled: seesSettings });
  const { data: account } = useQuery({
    ...accountQuery(accountId ?? ""),
    enabled: accountId !== null,
  });
  return (
    <SettingSwitches
      level="channel"
      holding={{ ...DEFAULT_SETTINGS, ...workspace, ...account?.settings, ...own }}
      own={own}
      canPurge={kind === "sms" || kind === "whatsapp"}
      needs="channels:write"
      change={(settings) =>
        taken(api.PATCH("/v1/channels/{id}", { params: { path: { id } }, body: { settings } }))
      }
      changes={[["channels"], channelQuery(id).queryKey]}
    />
  );
}
