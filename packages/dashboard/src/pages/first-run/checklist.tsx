import { Link } from "@tanstack/react-router";
import { BookOpen, KeyRound, type LucideIcon, RadioTower, UserPlus, Webhook } from "lucide-react";
import { useMe } from "../../api/me.ts";
import { cx } from "../../parts/class-names.ts";
import { CodeFrame, PlainCode } from "../../parts/values/code.tsx";
import { Glyph } from "../../parts/values/state.tsx";
import { Moment } from "../../parts/values/time.tsx";
import { number } from "../../words/format.ts";
import { firstRunWords } from "../../words/index.ts";
import { answerCommand, StepAct } from "./act.tsx";
import type { Progress } from "./progress.ts";
import { type Step, stepsOf } from "./steps.ts";

const words = firstRunWords;

/** What is done, what comes next, and what comes after all of it. */
export function Checklist({ progress }: { progress: Progress }) {
  const { person } = useMe();
  const steps = stepsOf(progress, person?.email ?? null);
  const done = steps.filter(({ isDone }) => isDone).length;
  const next = steps.find(({ isDone }) => !isDone);
  const { conversation } = progress;
  return (
    <section aria-label={words.list}>
      <h2
        className="flex h-10 items-center border-b border-border-subtle px-6 font-strong phone:px-4"
        aria-live="polite"
      >
        {words.done(number(done), number(steps.length))}
      </h2>
      <ol>
        {steps.map((step, n) => (
          <Line
            key={step.name}
            step={step}
            place={n + 1}
            isNext={step === next}
            progress={progress}
          />
        ))}
      </ol>
      {conversation !== null && next?.name === "answer" && (
        <div className="px-5 pt-4 pl-6 phone:px-4">
          <CodeFrame
            title={words.command}
            raw={answerCommand(conversation.id)}
            what={words.command}
          >
            <PlainCode text={answerCommand(conversation.id)} numbered={false} />
          </CodeFrame>
          <p className="mt-1.5 text-xs text-fg-3">{words.commandNote}</p>
        </div>
      )}
      <Next isAll={next === undefined} />
    </section>
  );
}

function Line({
  step: { name, title, note, isDone, at },
  place,
  isNext,
  progress,
}: {
  step: Step;
  place: number;
  isNext: boolean;
  progress: Progress;
}) {
  const state = isDone ? words.step.done : isNext ? words.step.next : words.step.later;
  return (
    <li
      aria-current={isNext ? "step" : undefined}
      className="grid grid-cols-[18px_minmax(0,1fr)_auto] gap-x-3 border-b border-border-subtle py-3 pr-5 pl-6 aria-[current=step]:bg-surface-selected aria-[current=step]:shadow-[inset_2px_0_0_var(--accent-solid)] phone:px-4"
    >
      <span className="mt-px">
        {isDone ? (
          <span className="text-delivered">
            <Glyph of="delivered" size={18} />
          </span>
        ) : (
          <span
            aria-hidden
            className={cx(
              "tnum grid size-4.5 place-items-center rounded-full text-2xs font-medium",
              isNext ? "bg-accent-solid text-on-accent" : "border border-border-control text-fg-3",
            )}
          >
            {place}
          </span>
        )}
      </span>
      <b className={cx(!isDone && !isNext && "font-medium text-fg-2")}>
        {title}
        <span className="sr-only">. {state}</span>
      </b>
      {isDone && at !== null ? <Moment at={at} className="text-xs text-fg-3" /> : <span />}
      <p
        title={note}
        className={cx("col-span-2 col-start-2", isNext ? "text-fg-2" : "truncate text-fg-3")}
      >
        {note}
      </p>
      {isNext && (
        <span className="col-span-2 col-start-2 mt-2 flex flex-wrap gap-2">
          <StepAct of={name} progress={progress} />
        </span>
      )}
    </li>
  );
}

const NEXT: readonly { icon: LucideIcon; label: string; to: string }[] = [
  { icon: RadioTower, label: words.next.channel, to: "/channels/new" },
  { icon: Webhook, label: words.next.endpoint, to: "/endpoints/new" },
  { icon: KeyRound, label: words.next.key, to: "/api-keys" },
  { icon: UserPlus, label: words.next.people, to: "/members" },
];

function Next({ isAll }: { isAll: boolean }) {
  const line = "flex min-h-9 items-center gap-2.5 text-fg-2 hover:text-fg";
  return (
    <nav aria-label={words.next.title} className="px-6 pt-4 pb-5 phone:px-4">
      <h2 className={cx("pb-1", isAll ? "font-strong" : "text-xs font-medium text-fg-3")}>
        {isAll ? words.next.done : words.next.title}
      </h2>
      <ul>
        {NEXT.map(({ icon: Icon, label, to }) => (
          <li key={to} className="border-b border-border-subtle">
            <Link to={to} className={line}>
              <Icon size={14} strokeWidth={1.75} aria-hidden className="flex-none text-fg-3" />
              {label}
            </Link>
          </li>
        ))}
        <li>
          <a href="/docs" className={line}>
            <BookOpen size={14} strokeWidth={1.75} aria-hidden className="flex-none text-fg-3" />
            {words.next.reference}
          </a>
        </li>
      </ul>
    </nav>
  );
}
