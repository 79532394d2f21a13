import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { Ellipsis, FlaskConical, Power, RotateCcw, ShieldCheck, Trash2 } from "lucide-react";
import { useState } from "react";
import type { Shape } from "../../api/client.ts";
import { useMay } from "../../api/me.ts";
import { isGone } from "../../api/problem.ts";
import { useActs } from "../../parts/acts.ts";
import { useAddress } from "../../parts/address.ts";
import { Button, IconButton } from "../../parts/controls/button.tsx";
import { Menu, MenuItem, MenuLine } from "../../parts/controls/menu.tsx";
import { TabLinks } from "../../parts/controls/tab-links.tsx";
import { useNamed } from "../../parts/crumb.ts";
import { OnDemand } from "../../parts/late/on-demand.tsx";
import { Failed, Skeleton } from "../../parts/lists/blank.tsx";
import { PageTitle } from "../../parts/page-head.tsx";
import { ChannelTile, isChannelKind } from "../../parts/values/channel.tsx";
import { CopyButton } from "../../parts/values/copy.tsx";
import { Id } from "../../parts/values/id.tsx";
import { endpointWords } from "../../words/index.ts";
import { useEndpointActs } from "./acts.ts";
import { EndpointState } from "./endpoint-state.tsx";
import { isFailing } from "./health.ts";
import { Overview } from "./overview-tab.tsx";
import { endpointQuery, healthQuery } from "./queries.ts";
import { RemoveDialog } from "./remove-dialog.tsx";
import { ReplayDialog } from "./replay-dialog.tsx";
import { endpointSearch } from "./search.ts";
import { SecretsTab } from "./secrets-tab.tsx";
import { SettingsTab } from "./settings-tab.tsx";
import { TestDialog } from "./test-dialog.tsx";

const words = endpointWords;

/** Does it accept, how fast, what is the breaker doing, which secret signs? */
export function Page() {
  const { id = "" } = useParams({ strict: false }) as { id?: string };
  const endpoint = useQuery(endpointQuery(id));
  useNamed(endpoint.data?.name);
  if (endpoint.error && (!endpoint.data || isGone(endpoint.error))) {
    return (
      <Failed what={words.one} error={endpoint.error} onAgain={() => void endpoint.refetch()} />
    );
  }
  if (!endpoint.data) return <Skeleton widths={[220, 380, 640, 640]} />;
  return <Shown key={id} endpoint={endpoint.data} />;
}

function Shown({ endpoint }: { endpoint: Shape<"Endpoint"> }) {
  const [{ tab = "overview" }] = useAddress(endpointSearch);
  const [open, setOpen] = useState<"test" | "replay" | "remove" | null>(null);
  const { data: health } = useQuery(healthQuery(endpoint.id));
  const acts = useEndpointActs(endpoint);
  const may = useMay("endpoints:write");
  const refusal = may.may ? null : may.reason;
  const close = () => setOpen(null);
  useActs([
    { ...acts.first, refusal },
    { key: "t", does: words.acts.test, icon: FlaskConical, run: () => setOpen("test"), refusal },
    {
      key: "Shift+R",
      does: words.acts.replay,
      icon: RotateCcw,
      run: () => setOpen("replay"),
      refusal,
    },
  ]);
  const path = `/endpoints/${endpoint.id}`;
  return (
    <>
      <div className="grid flex-none grid-cols-[minmax(0,1fr)_auto] gap-x-4 gap-y-1 px-6 pt-3.5 pb-3 phone:grid-cols-1 phone:px-4">
        <div className="flex min-w-0 flex-wrap items-center gap-2.5">
          <PageTitle>{endpoint.name}</PageTitle>
          <EndpointState state={endpoint.state} isFailing={isFailing(health)} badge />
        </div>
        <div className="flex flex-wrap items-center gap-2 phone:justify-end">
          <Button
            icon={acts.first.icon}
            keys="P"
            needs={acts.first.needs}
            onClick={() => acts.first.run()}
          >
            {acts.first.does}
          </Button>
          <Button icon={RotateCcw} needs="deliveries:write" onClick={() => setOpen("replay")}>
            {words.acts.replay}
          </Button>
          <Button
            kind="primary"
            icon={FlaskConical}
            keys="T"
            needs="endpoints:write"
            onClick={() => setOpen("test")}
          >
            {words.acts.test}
          </Button>
          <OnDemand
            face={<IconButton icon={Ellipsis} label={words.acts.more} />}
            open={(trigger) => (
              <Menu trigger={trigger} defaultOpen>
                <MenuItem
                  icon={ShieldCheck}
                  needs="endpoints:write"
                  onClick={() => void acts.verify.run()}
                >
                  {words.acts.verify}
                </MenuItem>
                {endpoint.state !== "disabled" && (
                  <MenuItem
                    icon={Power}
                    needs="endpoints:write"
                    onClick={() => void acts.disable.run()}
                  >
                    {words.acts.disable}
                  </MenuItem>
                )}
                <MenuLine />
                <MenuItem
                  icon={Trash2}
                  danger
                  needs="endpoints:write"
                  onClick={() => setOpen("remove")}
                >
                  {words.acts.remove}
                </MenuItem>
              </Menu>
            )}
          />
        </div>
        <div className="col-span-full flex min-w-0 flex-wrap items-center gap-x-4 gap-y-1 text-fg-3">
          <span className="flex min-w-0 items-center">
            <code className="truncate text-xs text-fg" title={endpoint.url}>
              {endpoint.url}
            </code>
            <CopyButton text={endpoint.url} what={words.form.url} />
          </span>
          <Id id={endpoint.id} shown="always" />
          {endpoint.channels.filter(isChannelKind).length > 0 && (
            <span className="flex items-center gap-1.5">
              {endpoint.channels.filter(isChannelKind).map((kind) => (
                <ChannelTile key={kind} kind={kind} size={15} />
              ))}
            </span>
          )}
        </div>
      </div>
      <TabLinks
        label={endpoint.name}
        chosen={tab}
        tabs={[
          { id: "overview", label: words.tabs.overview, link: { to: path } },
          {
            id: "secrets",
            label: words.tabs.secrets,
            link: { to: path, search: { tab: "secrets" } },
            isMarked: endpoint.secrets.length > 1,
          },
          {
            id: "settings",
            label: words.tabs.settings,
            link: { to: path, search: { tab: "settings" } },
          },
        ]}
      >
        <Link to="/deliveries" search={{ endpoint: endpoint.id } as never}>
          {words.allDeliveries}
        </Link>
        <Link to="/dead-letters" search={{ endpoint: endpoint.id } as never}>
          {words.deadLetters}
        </Link>
      </TabLinks>
      {tab === "overview" && (
        <Overview endpoint={endpoint} health={health} onTest={() => setOpen("test")} />
      )}
      {tab === "secrets" && <SecretsTab endpoint={endpoint} />}
      {tab === "settings" && <SettingsTab endpoint={endpoint} />}
      {open === "test" && <TestDialog endpoint={endpoint} onClose={close} />}
      {open === "replay" && <ReplayDialog endpoint={endpoint} health={health} onClose={close} />}
      {open === "remove" && <RemoveDialog endpoint={endpoint} onClose={close} />}
    </>
  );
}
