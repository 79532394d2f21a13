import { useQuery, useQueryClient } from "@tanstack/react-query";
import { RotateCw } from "lucide-react";
import { useState } from "react";
import { Button } from "../../../parts/controls/button.tsx";
import { Field, Input } from "../../../parts/controls/field.tsx";
import { ActDialog } from "../../../parts/dialogs/act-dialog.tsx";
import { Empty, Failed, Skeleton } from "../../../parts/lists/blank.tsx";
import { useAct } from "../../../parts/toasts/act.ts";
import { inboxWords } from "../../../words/index.ts";
import { loadTemplates, type Template, templatesQuery } from "../queries.ts";
import type { Wish } from "../wish.ts";
import { type Blank, blanksOf, buttonsOf, componentsFor, filled, keyOf } from "./template.ts";

const words = inboxWords.picker;

/** Chooses an approved template, fills it in, and shows what the customer will read. */
export function TemplatePicker({
  channelId,
  onClose,
  onSend,
}: {
  channelId: string;
  onClose(): void;
  onSend(wish: Wish, preview: string): void;
}) {
  const queries = useQueryClient();
  const { data, error, refetch } = useQuery(templatesQuery(channelId));
  const [find, setFind] = useState("");
  const [chosen, setChosen] = useState<Template | null>(null);
  const [values, setValues] = useState<Readonly<Record<string, string>>>({});
  const sync = useAct({
    does: () => loadTemplates(channelId, true),
    changes: [],
    failed: words.failed,
    onDone: (fresh) => queries.setQueryData(templatesQuery(channelId).queryKey, fresh),
  });
  const blanks = chosen === null ? [] : blanksOf(chosen);
  const isFilled = blanks.every((blank) => (values[keyOf(blank)] ?? "").trim() !== "");
  const refusal = chosen === null ? words.choose : isFilled ? null : words.fill;
  const send = () => {
    if (chosen === null || refusal !== null) return;
    const components = componentsFor(chosen, values);
    onSend(
      {
        template_name: chosen.name,
        template_language: chosen.language,
        ...(components.length === 0 ? {} : { template_components: components }),
      },
      filled(chosen, "body", values) || chosen.name,
    );
  };
  const found = data?.filter(({ name }) => name.includes(find.trim().toLowerCase()));
  return (
    <ActDialog
      onClose={onClose}
      title={words.title}
      text={words.text}
      width={640}
      aside={
        <Button kind="quiet" icon={RotateCw} busy={sync.isBusy} onClick={() => void sync.run()}>
          {words.refresh}
        </Button>
      }
      does={words.send}
      needs="messages:send"
      refusal={refusal}
      onAct={send}
    >
      {error !== null && data === undefined ? (
        <Failed
          what={words.failed}
          error={error}
          onAgain={() => void refetch()}
          className="px-0!"
        />
      ) : data === undefined ? (
        <Skeleton widths={[220, 180, 240]} />
      ) : data.length === 0 ? (
        <Empty title={words.none} className="px-0!">
          {words.noneText}
        </Empty>
      ) : (
        <div className="grid grid-cols-[220px_minmax(0,1fr)] gap-4 phone:grid-cols-1">
          <div className="min-w-0">
            <Input
              aria-label={words.find}
              placeholder={words.find}
              value={find}
              onChange={(event) => setFind(event.target.value)}
              className="mb-2"
            />
            <ul className="max-h-72 overflow-auto">
              {found?.map((template) => (
                <li key={`${template.waba_id} ${template.name} ${template.language}`}>
                  <button
                    type="button"
                    aria-pressed={template === chosen}
                    onClick={() => {
                      setChosen(template);
                      setValues({});
                    }}
                    className="grid min-h-9 w-full rounded-md px-2 py-1 text-left -outline-offset-2 hover:bg-surface-hover aria-pressed:bg-surface-active"
                  >
                    <code className="truncate text-xs" title={template.name}>
                      {template.name}
                    </code>
                    <span className="text-2xs text-fg-3">
                      {[template.category?.toLowerCase(), template.language]
                        .filter(Boolean)
                        .join(", ")}
                    </span>
                  </button>
                </li>
              ))}
            </ul>
          </div>
          <div className="min-w-0">
            {chosen === null ? (
              <p className="pt-1.5 text-fg-3">{words.choose}</p>
            ) : (
              <Filling
                key={`${chosen.name} ${chosen.language}`}
                template={chosen}
                blanks={blanks}
                values={values}
                onValue={(key, value) => setValues({ ...values, [key]: value })}
              />
            )}
          </div>
        </div>
      )}
    </ActDialog>
  );
}

function Filling({
  template,
  blanks,
  values,
  onValue,
}: {
  template: Template;
  blanks: readonly Blank[];
  values: Readonly<Record<string, string>>;
  onValue(key: string, value: string): void;
}) {
  const [header, body, footer] = (["header", "body", "footer"] as const).map((part) =>
    filled(template, part, values),
  );
  const buttons = buttonsOf(template);
  return (
    <>
      {blanks.map((blank) => (
        <Field
          key={keyOf(blank)}
          stacked
          label={
            blank.media === null
              ? `${blank.component === "header" ? words.header : words.body} ${words.field(blank.name)}`
              : words.address
          }
        >
          {(control) => (
            <Input
              {...control}
              type={blank.media === null ? "text" : "url"}
              value={values[keyOf(blank)] ?? ""}
              onChange={(event) => onValue(keyOf(blank), event.target.value)}
            />
          )}
        </Field>
      ))}
      <section
        aria-label={words.preview}
        className="mt-2 overflow-hidden rounded-xl rounded-br-sm border border-accent-line text-md"
      >
        <p className="flex gap-2 bg-accent-soft px-2.75 py-1.25 text-2xs text-fg-2">
          <code className="truncate">{template.name}</code>
          {template.language}
        </p>
        <div className="px-2.75 py-1.75 [overflow-wrap:anywhere] whitespace-pre-wrap">
          {header !== "" && <b className="block">{header}</b>}
          {body}
          {footer !== "" && <small className="block text-xs text-fg-3">{footer}</small>}
        </div>
        {buttons.length > 0 && (
          <p className="flex flex-wrap gap-x-4 border-t border-border-subtle px-2.75 py-1.5 text-sm font-medium text-fg-2">
            {buttons.map((button) => (
              <span key={button}>{button}</span>
            ))}
          </p>
        )}
      </section>
    </>
  );
}
