import { Bookmark, BookmarkMinus, BookmarkPlus } from "lucide-react";
import { type ReactElement, useState } from "react";
import { partWords } from "../../words/index.ts";
import { Field, Input } from "../controls/field.tsx";
import { Menu, MenuItem, MenuLine } from "../controls/menu.tsx";
import { ActDialog } from "../dialogs/act-dialog.tsx";
import { useViews } from "./use-views.ts";
import { isSame, type View, withView } from "./views.ts";

const words = partWords.views;
const MOST_LETTERS = 60;

export function ViewsMenu({
  trigger,
  list,
  filters,
  onChoose,
}: {
  trigger: ReactElement<Record<string, unknown>>;
  list: string;
  filters: View["filters"];
  onChoose(filters: View["filters"]): void;
}) {
  const [views, change] = useViews(list);
  const [isNaming, setNaming] = useState(false);
  const current = views.find((view) => isSame(view.filters, filters));
  const refusal = Object.keys(filters).length === 0 ? words.nothingToSave : null;
  return (
    <>
      <Menu trigger={trigger} defaultOpen>
        {views.map((view) => (
          <MenuItem key={view.name} icon={Bookmark} onClick={() => onChoose(view.filters)}>
            <span className={view === current ? "font-medium" : undefined}>{view.name}</span>
          </MenuItem>
        ))}
        {views.length > 0 && <MenuLine />}
        {current ? (
          <MenuItem
            icon={BookmarkMinus}
            onClick={() => change(views.filter((view) => view !== current))}
          >
            {words.remove(current.name)}
          </MenuItem>
        ) : (
          <MenuItem icon={BookmarkPlus} refusal={refusal} onClick={() => setNaming(true)}>
            {words.save}
          </MenuItem>
        )}
      </Menu>
      {isNaming && (
        <NameDialog
          taken={views.map(({ name }) => name)}
          onClose={() => setNaming(false)}
          onName={(name) => {
            change(withView(views, { name, filters }));
            setNaming(false);
          }}
        />
      )}
    </>
  );
}

function NameDialog({
  taken,
  onClose,
  onName,
}: {
  taken: readonly string[];
  onClose(): void;
  onName(name: string): void;
}) {
  const [text, setText] = useState("");
  const name = text.trim();
  return (
    <ActDialog
      onClose={onClose}
      title={words.dialog}
      text={words.dialogText}
      does={words.does}
      refusal={name === "" ? words.nameless : null}
      onAct={() => onName(name)}
    >
      <Field label={words.name} help={taken.includes(name) ? words.replaces : words.nameHelp}>
        {(control) => (
          <Input
            {...control}
            autoFocus
            maxLength={MOST_LETTERS}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        )}
      </Field>
    </ActDialog>
  );
}
