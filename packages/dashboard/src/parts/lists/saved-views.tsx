import { Bookmark } from "lucide-react";
import { partWords } from "../../words/index.ts";
import { IconButton } from "../controls/button.tsx";
import { fetched } from "../late/fetched.ts";
import { OnDemand } from "../late/on-demand.tsx";
import type { View } from "./views.ts";

const ViewsMenu = fetched(() => import("./views-menu.tsx").then((it) => it.ViewsMenu));

/** The views of a list that somebody has saved, behind one button. */
export function SavedViews({
  list,
  filters,
  onChoose,
}: {
  /** Whose they are: each list has its own. */
  list: string;
  /** What the list is narrowed by now. */
  filters: View["filters"];
  onChoose(filters: View["filters"]): void;
}) {
  return (
    <OnDemand
      face={<IconButton icon={Bookmark} label={partWords.views.title} className="-my-1" />}
      open={(trigger) => (
        <ViewsMenu trigger={trigger} list={list} filters={filters} onChoose={onChoose} />
      )}
    />
  );
}
