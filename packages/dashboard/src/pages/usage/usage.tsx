import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { api, type Shape, taken } from "../../api/client.ts";
import { useMe } from "../../api/me.ts";
import { Strip } from "../../parts/charts/strip.tsx";
import { cx } from "../../parts/class-names.ts";
import { Button } from "../../parts/controls/button.tsx";
import { fetched } from "../../parts/late/fetched.ts";
import { Late } from "../../parts/late/late.tsx";
import { Failed, Skeleton } from "../../parts/lists/blank.tsx";
import { PageHead } from "../../parts/page-head.tsx";
import { Note } from "../../parts/values/note.tsx";
import { State } from "../../parts/values/state.tsx";
import { Age, Until } from "../../parts/values/time.tsx";
import { number } from "../../words/format.ts";
import { usageWords } from "../../words/index.ts";
import { now } from "../../words/ticking.ts";
import { FEATURES, type Feature } from "./features.ts";

const PlanDialog = fetched(() => import("./plan-dialog.tsx").then((it) => it.PlanDialog));

type Usage = Shape<"Usage">;

const words = usageWords;
const NEAR = 0.8;

/** How near is a limit, and what does the plan open? */
export function Page() {
  const me = useMe();
  const [isChanging, setChanging] = useState(false);
  const { data, error, refetch } = useQuery({
    queryKey: ["usage"],
    queryFn: () => taken(api.GET("/v1/usage")),
    refetchInterval: 60_000,
  });
  const { data: plans } = useQuery({
    queryKey: ["plans"],
    queryFn: async () => (await taken(api.GET("/v1/plans"))).data,
    enabled: me.is_operator,
  });
  return (
    <>
      <PageHead title={words.title}>
        <Button
          refusal={me.is_operator ? null : words.change.operatorOnly}
          onClick={() => setChanging(true)}
        >
          {words.change.act}
        </Button>
      </PageHead>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached without a mouse */}
      <div className="min-h-0 flex-1 overflow-auto -outline-offset-2" tabIndex={0}>
        {error && !data && (
          <Failed what={words.title} error={error} onAgain={() => void refetch()} />
        )}
        {!data && !error && <Skeleton widths={[320, 240, 280]} />}
        {data && <Body usage={data} />}
        {plans && <Plans plans={plans} />}
      </div>
      {isChanging && data && plans && (
        <Late onLeave={() => setChanging(false)}>
          <PlanDialog usage={data} plans={plans} onClose={() => setChanging(false)} />
        </Late>
      )}
    </>
  );
}

function Body({ usage }: { usage: Usage }) {
  const { endpoints, sms } = usage;
  return (
    <>
      <Verdict usage={usage} />
      <Strip
        figures={[
          {
            label: words.plan,
            value: usage.plan_title,
            context:
              usage.add_ons.length === 0
                ? words.noAddOns
                : words.addOns(usage.add_ons.map((each) => words.features[each].name).join(", ")),
          },
          limited(words.endpoints, endpoints.used, endpoints.limit),
          limited(words.sms, sms.used, sms.limit, words.segments(number(sms.segments))),
          { label: words.resets, value: <Until at={sms.resets_at} /> },
          ...(usage.trial_ends_at === null
            ? []
            : [
                {
                  label: isOver(usage.trial_ends_at) ? words.trialOver : words.trial,
                  value: isOver(usage.trial_ends_at) ? (
                    <Age at={usage.trial_ends_at} />
                  ) : (
                    <Until at={usage.trial_ends_at} />
                  ),
                  ...(isOver(usage.trial_ends_at) ? { tone: "dead" as const } : {}),
                },
              ]),
        ]}
      />
      {(endpoints.limit !== null || sms.limit !== null) && (
        <div className="grid gap-3 border-b border-border px-6 py-4 phone:px-4">
          <Meter label={words.endpoints} {...endpoints} />
          <Meter label={words.sms} {...sms} />
        </div>
      )}
      <section className="px-6 py-4 phone:px-4">
        <h2 className="font-strong">{words.featuresTitle}</h2>
        <ul className="mt-2 max-w-3xl">
          {FEATURES.map((feature) => (
            <li
              key={feature}
              className="flex min-h-(--row) items-center gap-4 border-b border-border-subtle py-1.5"
            >
              <span className="w-24 flex-none font-medium">{words.features[feature].name}</span>
              <span className="min-w-0 flex-1 text-fg-3">{words.features[feature].text}</span>
              <FeatureState usage={usage} feature={feature} />
            </li>
          ))}
        </ul>
      </section>
    </>
  );
}

function limited(label: string, used: number, limit: number | null, also?: string) {
  const context = limit === null ? words.noLimit : words.ofLimit(number(limit));
  const tone =
    limit === null ? null : used >= limit ? "dead" : used >= limit * NEAR ? "retrying" : null;
  return {
    label,
    value: number(used),
    context: also === undefined ? context : `${context} · ${also}`,
    ...(tone === null ? {} : { tone: tone as "dead" | "retrying" }),
  };
}

function isOver(at: string): boolean {
  return Date.parse(at) <= now();
}

/** One sentence first; it is coloured where a person must do something. */
function Verdict({ usage }: { usage: Usage }) {
  const { endpoints, sms, trial_ends_at: trial } = usage;
  if (trial !== null && isOver(trial)) return <Told tone="bad">{words.verdict.trialOver}</Told>;
  const limits = [
    { what: words.endpoints, ...endpoints },
    { what: words.sms, ...sms },
  ];
  const full = limits.find(({ used, limit }) => limit !== null && used >= limit);
  if (full) return <Told tone="bad">{words.verdict.full(full.what)}</Told>;
  const near = limits.find(({ used, limit }) => limit !== null && used >= limit * NEAR);
  if (near) return <Told tone="warning">{words.verdict.near(near.what)}</Told>;
  const isFree = limits.every(({ limit }) => limit === null);
  return (
    <p className="px-6 pb-4 text-md text-fg-2 phone:px-4">
      {isFree ? words.verdict.unlimited : words.verdict.fine}
    </p>
  );
}

function Told({ tone, children }: { tone: "warning" | "bad"; children: ReactNode }) {
  return (
    <div className="px-6 pb-4 phone:px-4">
      <Note tone={tone}>
        <b>{children}</b>
      </Note>
    </div>
  );
}

/** A bar where there is a limit; where there is none, nothing is measured. */
function Meter({ label, used, limit }: { label: string; used: number; limit: number | null }) {
  if (limit === null) return null;
  const share = limit === 0 ? 1 : Math.min(1, used / limit);
  return (
    <div className="grid max-w-3xl grid-cols-[128px_minmax(0,1fr)_auto] items-center gap-4">
      <span className="text-fg-2">{label}</span>
      {/* biome-ignore lint/a11y/useSemanticElements: browsers draw theirs in colours of their own */}
      <span
        role="meter"
        aria-label={words.meter(label, number(used), number(limit))}
        aria-valuenow={used}
        aria-valuemin={0}
        aria-valuemax={Math.max(limit, used)}
        className="h-1.5 overflow-hidden rounded-full bg-surface-active"
      >
        <span
          className={cx(
            "block h-full rounded-full",
            share >= 1 ? "bg-dead-solid" : share >= NEAR ? "bg-retrying-solid" : "bg-accent-solid",
          )}
          style={{ width: `${share * 100}%` }}
        />
      </span>
      <span className="tnum text-fg-2">
        {number(used)} <span className="text-fg-3">{words.ofLimit(number(limit))}</span>
      </span>
    </div>
  );
}

function FeatureState({ usage, feature }: { usage: Usage; feature: Feature }) {
  if (!usage.features.includes(feature)) return <State of="cancelled">{words.closed}</State>;
  return (
    <State of="delivered">{usage.add_ons.includes(feature) ? words.byAddOn : words.open}</State>
  );
}

/** The operator's own table. */
function Plans({ plans }: { plans: readonly Shape<"Plan">[] }) {
  const { plansColumns: heads } = words;
  return (
    <section className="border-t border-border pt-4 pb-8">
      <h2 className="px-6 font-strong phone:px-4">
        {words.plansTitle}
        <span className="ml-2 text-xs font-normal text-fg-3">{words.plansNote}</span>
      </h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached without a mouse */}
      <div className="mt-1 overflow-x-auto -outline-offset-2 phone:hidden" tabIndex={0}>
        <table
          className="rows rows-dense min-w-160 [&_td:last-child]:pl-8 [&_th:last-child]:pl-8"
          aria-label={words.plansTitle}
        >
          <colgroup>
            <col className="w-36" />
            <col className="w-40" />
            <col className="w-28" />
            <col className="w-28" />
            <col />
          </colgroup>
          <thead>
            <tr>
              <th scope="col">{heads.name}</th>
              <th scope="col">{heads.title}</th>
              <th scope="col" data-align="right">
                {heads.endpoints}
              </th>
              <th scope="col" data-align="right">
                {heads.sms}
              </th>
              <th scope="col">{heads.features}</th>
            </tr>
          </thead>
          <tbody>
            {plans.map(({ name, title, endpoints, sms_per_month: sms, features }) => (
              <tr key={name}>
                <td>
                  <code className="text-xs">{name}</code>
                </td>
                <td>{title}</td>
                <td data-align="right">{endpoints === null ? words.noLimit : number(endpoints)}</td>
                <td data-align="right">{sms === null ? words.noLimit : number(sms)}</td>
                <td className="text-fg-2">
                  {features.map((feature) => words.features[feature].name).join(", ")}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <ul className="mt-2 hidden px-4 phone:block" aria-label={words.plansTitle}>
        {plans.map(({ name, title, endpoints, sms_per_month: sms, features }) => (
          <li key={name} className="grid gap-0.5 border-b border-border-subtle py-2.5">
            <p className="flex items-baseline justify-between gap-3">
              <span className="min-w-0 font-medium">{title}</span>
              <code className="text-xs text-fg-3">{name}</code>
            </p>
            <p className="text-fg-2">
              {words.planLimits(
                endpoints === null ? words.noLimit : number(endpoints),
                sms === null ? words.noLimit : number(sms),
              )}
            </p>
            <p className="text-fg-3">
              {features.map((feature) => words.features[feature].name).join(", ")}
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}
