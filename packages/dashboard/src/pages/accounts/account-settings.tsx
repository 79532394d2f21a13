import { useQuery } from "@tanstack/react-query";
import { api, taken } from "../../api/client.ts";
import { useMay } from "../../api/me.ts";
import { SettingSwitches } from "../../parts/setting-switches.tsx";
import { type Account, accountQuery } from "../channels/accounts.ts";
import { DEFAULT_SETTINGS, settingsQuery } from "../channels/queries.ts";

/** Switches of an account, for all its channels. */
export function AccountSettings({ account: { id, settings: own } }: { account: Account }) {
  const seesSettings = useMay("settings:read").may;
  const { data: workspace } = useQuery({ ...settingsQuery(), enabled: seesSettings });
  return (
    <SettingSwitches
      level="account"
      holding={{ ...DEFAULT_SETTINGS, ...workspace, ...own }}
      own={own}
      needs="accounts:write"
      change={(settings) =>
        taken(api.PATCH("/v1/accounts/{id}", { params: { path: { id } }, body: { settings } }))
      }
      changes={[["accounts"], accountQuery(id).queryKey]}
    />
  );
}
