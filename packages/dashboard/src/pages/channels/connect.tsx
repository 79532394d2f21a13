import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api, type Shape, taken } from "../../api/client.ts";
import { useMay } from "../../api/me.ts";
import { useActs } from "../../parts/acts.ts";
import { useAddress } from "../../parts/address.ts";
import { cx } from "../../parts/class-names.ts";
import { Button, ButtonLink } from "../../parts/controls/button.tsx";
import { Choice, Field, Input } from "../../parts/controls/field.tsx";
import { CheckLine } from "../../parts/controls/switches.tsx";
import { PageHead } from "../../parts/page-head.tsx";
import { useAct } from "../../parts/toasts/act.ts";
import { useApiCall } from "../../parts/values/api-call.tsx";
import { ChannelTile } from "../../parts/values/channel.tsx";
import { channelWords, partWords } from "../../words/index.ts";
import { accountsQuery } from "./accounts.ts";
import { type CredentialName, FIELDS, KINDS, type Kind } from "./kinds.ts";
import { channelsSearch } from "./search.ts";

const words = channelWords.form;
const kinds = channelWords.kinds;

type Values = Readonly<Partial<Record<string, string>>>;
type Body = Parameters<typeof connect>[0];

/** One page: what it is, whose, and what proves that it is yours. */
export function Page() {
  const [{ kind = "whatsapp" }, setSearch] = useAddress(channelsSearch);
  const navigate = useNavigate();
  const may = useMay("accounts:read");
  const { data: accounts = [] } = useQuery({ ...accountsQuery(), enabled: may.may });
  const [values, setValues] = useState<Values>({});
  const [isDefault, setDefault] = useState(false);
  const set = (name: string) => (value: string) => setValues({ ...values, [name]: value });
  const body = bodyOf(kind, values, isDefault);
  const call = useApiCall({ method: "POST", path: "/v1/channels", body: hidden(body) });
  const act = useAct({
    does: connect,
    changes: [["channels"]],
    failed: words.failed,
    onRefused: (refused) => refused.fields.length > 0,
    done: ({ name }) => ({ fact: words.done(name), consequence: words.doneThen }),
    onDone: ({ id }) => void navigate({ to: "/channels/$id", params: { id } }),
  });
  const [isTried, setTried] = useState(false);
  const missing: Readonly<Record<string, string>> = {
    ...(body.name === "" ? { "/name": words.needsName } : {}),
    ...(FIELDS[kind].externalId.test(body.external_id)
      ? {}
      : { "/external_id": kinds[kind].externalIdHelp }),
  };
  const run = () => {
    setTried(true);
    if (!act.isBusy && Object.keys(missing).length === 0) void act.run(body);
  };
  useActs([{ key: "Mod+Enter", does: channelWords.connect, isQuiet: true, run }]);
  const at = (pointer: string) =>
    (isTried ? missing[pointer] : undefined) ?? act.refusal?.at(pointer);
  const { credentials, more, externalId, usualId } = FIELDS[kind];
  const isOdd = externalId.test(body.external_id) && !usualId.test(body.external_id);
  const line = (name: keyof typeof words & string) => ({
    label: words[name] as string,
    help: words[`${name}Help` as keyof typeof words] as string,
  });
  return (
    <>
      <PageHead title={channelWords.connect} />
      <div className="min-h-0 flex-1 overflow-y-auto border-t border-border">
        <div className="grid grid-cols-[minmax(0,680px)_minmax(0,1fr)] gap-x-10 px-6 pt-2 pb-8 max-[1160px]:grid-cols-[minmax(0,680px)] phone:px-4">
          <form
            onSubmit={(event) => {
              event.preventDefault();
              run();
            }}
            autoComplete="off"
          >
            <KindField kind={kind} onKind={(next) => setSearch({ kind: next })} />
            <Field label={words.name} help={words.nameHelp} error={at("/name")}>
              {(control) => (
                <Text control={control} value={values["name"]} onChange={set("name")} />
              )}
            </Field>
            <Field
              label={kinds[kind].externalId}
              help={kinds[kind].externalIdHelp}
              finding={isOdd && at("/external_id") === undefined ? words.isOdd : null}
              error={at("/external_id")}
            >
              {(control) => (
                <Text
                  control={control}
                  value={values["external_id"]}
                  onChange={set("external_id")}
                  placeholder={kinds[kind].example}
                  isCode
                />
              )}
            </Field>
            {credentials.map(({ name, isNeeded, isSecret }) => (
              <Field
                key={name}
                label={isNeeded ? words[name] : `${words[name]}, ${words.optional}`}
                help={words[`${name}Help`]}
                error={at(`/credentials/${name}`)}
              >
                {(control) => (
                  <Text
                    control={control}
                    value={values[name]}
                    onChange={set(name)}
                    isCode
                    isSecret={isSecret}
                  />
                )}
              </Field>
            ))}
            {more.map((name) =>
              name === "login" ? (
                <Field key={name} {...line(name)} error={at("/login")}>
                  {(control) => (
                    <Choice
                      {...control}
                      value={values["login"] ?? "facebook"}
                      onChange={(event) => set("login")(event.target.value)}
                      options={(["facebook", "instagram"] as const).map((value) => ({
                        value,
                        label: words.logins[value],
                      }))}
                    />
                  )}
                </Field>
              ) : (
                <Field
                  key={name}
                  label={`${words[name]}, ${words.optional}`}
                  help={words[`${name}Help`]}
                  error={at(`/${name}`)}
                >
                  {(control) => (
                    <Text control={control} value={values[name]} onChange={set(name)} isCode />
                  )}
                </Field>
              ),
            )}
            {accounts.length > 0 && (
              <Field {...line("account")} error={at("/account_id")}>
                {(control) => (
                  <Choice
                    {...control}
                    value={values["account_id"] ?? ""}
                    onChange={(event) => set("account_id")(event.target.value)}
                    options={[
                      { value: "", label: channelWords.noAccount },
                      ...accounts.map(({ id, name }) => ({ value: id, label: name })),
                    ]}
                  />
                )}
              </Field>
            )}
            <CheckLine
              checked={isDefault}
              onChange={setDefault}
              className="border-t border-border-subtle py-3"
            >
              {words.isDefault}
              <small className="block text-xs text-fg-3">{words.isDefaultHelp}</small>
            </CheckLine>
            <button type="submit" hidden />
          </form>
          <Next kind={kind} />
        </div>
        {call.shown !== null && <div className="max-w-200 px-6 pb-6">{call.shown}</div>}
      </div>
      <div className="flex min-h-13 flex-none flex-wrap items-center gap-2 border-t phone:justify-end border-border px-6 py-2 phone:px-4">
        <p className="mr-auto min-w-0 flex-1 basis-40 text-fg-3 phone:basis-full">
          {words.will(partWords.channels[kind])}
        </p>
        {call.button}
        <ButtonLink to="/channels">{words.cancel}</ButtonLink>
        <Button kind="primary" keys="⌘↵" needs="channels:write" busy={act.isBusy} onClick={run}>
          {channelWords.connect}
        </Button>
      </div>
    </>
  );
}

function connect(body: {
  kind: Kind;
  name: string;
  external_id: string;
  account_id?: string;
  credentials?: Partial<Record<CredentialName, string>>;
  waba_id?: string;
  messaging_service_sid?: string;
  login?: "facebook" | "instagram";
  is_default?: boolean;
}): Promise<Shape<"Channel">> {
  return taken(api.POST("/v1/channels", { body }));
}

/** What is empty is left out: what must be there the server names, at its field. */
function bodyOf(kind: Kind, values: Values, isDefault: boolean): Body {
  const { credentials, more } = FIELDS[kind];
  const given = (names: readonly string[]) =>
    Object.fromEntries(
      names.flatMap((name) => {
        const value = values[name]?.trim() ?? "";
        return value === "" ? [] : [[name, value]];
      }),
    );
  const secrets = given(credentials.map(({ name }) => name));
  return {
    kind,
    name: values["name"]?.trim() ?? "",
    external_id: values["external_id"]?.trim() ?? "",
    ...given([...more, "account_id"]),
    ...(Object.keys(secrets).length === 0 ? {} : { credentials: secrets }),
    ...(isDefault ? { is_default: true } : {}),
  };
}

/** The same call, with its secrets as variables. */
function hidden(body: Body): unknown {
  if (!body.credentials) return body;
  const names = Object.keys(body.credentials);
  return {
    ...body,
    credentials: Object.fromEntries(names.map((name) => [name, `$${name.toUpperCase()}`])),
  };
}

function KindField({ kind, onKind }: { kind: Kind; onKind(kind: Kind): void }) {
  return (
    <fieldset className="grid grid-cols-[132px_minmax(0,1fr)] gap-x-5 gap-y-1 py-3 phone:grid-cols-1">
      <legend className="sr-only">{words.kind}</legend>
      <div aria-hidden>
        <span className="block font-medium">{words.kind}</span>
        <p className="mt-0.5 text-xs/4 text-fg-3">{words.kindHelp}</p>
      </div>
      <div className="grid grid-cols-2 gap-2 phone:grid-cols-1">
        {KINDS.map((each) => (
          <label
            key={each}
            className={cx(
              "flex items-center gap-2.5 rounded-lg border p-2.5 has-focus-visible:outline-2 has-focus-visible:outline-focus",
              each === kind ? "border-accent-line bg-accent-soft" : "border-border-strong",
            )}
          >
            <input
              type="radio"
              name="kind"
              value={each}
              checked={each === kind}
              onChange={() => onKind(each)}
              className="sr-only"
            />
            <ChannelTile kind={each} size={22} isNamed />
            <span className="min-w-0">
              <b className="block font-medium">{partWords.channels[each]}</b>
              <small className="block text-xs text-fg-2">{kinds[each].what}</small>
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function Text({
  control,
  value = "",
  onChange,
  placeholder,
  isCode = false,
  isSecret = false,
}: {
  control: object;
  value: string | undefined;
  onChange(value: string): void;
  placeholder?: string;
  isCode?: boolean;
  isSecret?: boolean;
}) {
  return (
    <Input
      {...control}
      type={isSecret ? "password" : "text"}
      autoComplete={isSecret ? "new-password" : "off"}
      value={value}
      placeholder={placeholder}
      onChange={(event) => onChange(event.target.value)}
      className={cx(isCode && "font-mono text-xs!")}
    />
  );
}

function Next({ kind }: { kind: Kind }) {
  const steps = words.steps[kind === "sms" ? "twilio" : "meta"];
  return (
    <section aria-label={words.next} className="max-w-90 pt-4 text-fg-2">
      <h2 className="font-medium text-fg">{words.next}</h2>
      <ol className="mt-2 grid list-decimal gap-2 pl-5 marker:text-fg-3">
        {steps.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      <p className="mt-3 text-fg-3">{words.simulated}</p>
    </section>
  );
}
