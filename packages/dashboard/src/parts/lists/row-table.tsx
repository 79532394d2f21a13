import { Link, useNavigate } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type ReactNode, useEffect, useRef } from "react";
import type { List } from "../../api/list.ts";
import { partWords } from "../../words/index.ts";
import { useActs } from "../acts.ts";
import { cx } from "../class-names.ts";
import { Checkbox } from "../controls/switches.tsx";
import { Failed } from "./blank.tsx";
import { fitting } from "./fitting.ts";
import {
  clearSelection,
  isSelected,
  memoryOf,
  remember,
  select,
  useMemory,
} from "./list-memory.ts";
import { useMeasured } from "./measured.ts";
import { CutRow, Gap, SKELETONS, SkeletonRow } from "./row-blanks.tsx";

export interface Column<Row> {
  id: string;
  head: string;
  /** In px; one column of a table has none and takes what is left. */
  width?: number;
  align?: "right";
  /** Hidden where the page is narrower than so many px; a phone draws `phone` instead. */
  from?: number;
  cell(row: Row): ReactNode;
}

export interface RowTableProps<Row> {
  /** What the rows are, for the table's name: `Deliveries`. */
  label: string;
  list: List<Row>;
  columns: readonly Column<Row>[];
  idOf(row: Row): string;
  /** What is read out: state, event, person, age. */
  nameOf(row: Row): string;
  /** Where a row leads: to a page, or with other search parameters of this one. */
  linkOf(row: Row): { to: string; search?: Record<string, string | undefined> };
  /** On a phone a row is two lines. */
  phone(row: Row): ReactNode;
  /** Rows can be selected. */
  selects?: boolean;
  /** The row that stands open in a drawer. */
  openId?: string | null;
  /** Rows that have just arrived. */
  isFresh?(row: Row): boolean;
  /** Shown where the list is empty. */
  empty: ReactNode;
  /** Asked while a row is about to be opened: the drawer opens filled. */
  onNear?(row: Row): void;
}

const PHONE_ROW_PX = 64;
const NEAR_MS = 60;

/** A list of any length: only what is seen is drawn. J and K move, ↵ opens, X selects. */
export function RowTable<Row>(props: RowTableProps<Row>) {
  const {
    label,
    list,
    columns,
    idOf,
    nameOf,
    linkOf,
    phone,
    selects = false,
    openId = null,
  } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const near = useRef<ReturnType<typeof setTimeout>>(undefined);
  const { width, rowPx } = useMeasured(scroller);
  const isPhone = width > 0 && width < 560;
  const memory = useMemory(list.name);
  const navigate = useNavigate();
  const { rows, offset } = list;
  const loaded = offset + rows.length;
  const count = loaded + (list.hasMore ? 1 : 0);
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => (isPhone ? PHONE_ROW_PX : rowPx),
    overscan: 12,
    initialOffset: () => memoryOf(list.name).scrollTop,
    getItemKey: (index) => {
      const row = rows[index - offset];
      return row === undefined ? `place-${index}` : idOf(row);
    },
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: other heights are another layout
  useEffect(() => virtual.measure(), [isPhone, rowPx]);

  const items = virtual.getVirtualItems();
  const first = items[0];
  const last = items.at(-1);
  const wantsMore = last !== undefined && last.index >= loaded - 20;
  const wantsBack = first !== undefined && first.index < offset;
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked once for each place that is come to
  useEffect(() => {
    if (wantsBack) list.loadBack();
    else if (wantsMore && !list.isCut) list.loadMore();
  }, [wantsMore, wantsBack, rows.length, offset, list.isStale]);

  const cursorAt =
    memory.cursor === null ? -1 : rows.findIndex((row) => idOf(row) === memory.cursor);
  const moveTo = (index: number, focus = true) => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, index))];
    if (row === undefined) return;
    const at = rows.indexOf(row) + offset;
    remember(list.name, { cursor: idOf(row) });
    virtual.scrollToIndex(at);
    props.onNear?.(row);
    if (focus) focusSoon(scroller.current, at);
    if (openId !== null && openId !== idOf(row)) void navigate({ ...linkOf(row), replace: true });
  };
  const toggle = (row: Row | undefined) => {
    if (row !== undefined)
      select(list.name, [idOf(row)], !isSelected(memoryOf(list.name), idOf(row)));
  };
  const extend = (by: number) => {
    const row = rows[cursorAt];
    const next = rows[cursorAt + by];
    if (row === undefined || next === undefined) return;
    select(list.name, [idOf(row), idOf(next)], true);
    moveTo(cursorAt + by);
  };
  const open = () => {
    const row = rows[cursorAt];
    if (row !== undefined) void navigate(linkOf(row));
  };
  const hasSelection = memory.selection.kind === "all" || memory.selection.ids.size > 0;
  useActs([
    { key: "j", does: partWords.table.move, isQuiet: true, run: () => moveTo(cursorAt + 1) },
    { key: "k", does: partWords.table.move, isQuiet: true, run: () => moveTo(cursorAt - 1) },
    { key: "Enter", does: partWords.table.open, isQuiet: true, run: open },
    ...(selects
      ? [
          {
            key: "x",
            does: partWords.table.select1,
            isQuiet: true,
            run: () => toggle(rows[cursorAt]),
          },
          { key: "Shift+J", does: partWords.table.select1, isQuiet: true, run: () => extend(1) },
          { key: "Shift+K", does: partWords.table.select1, isQuiet: true, run: () => extend(-1) },
          {
            key: "Mod+a",
            does: partWords.table.selectAll,
            isQuiet: true,
            run: () => select(list.name, rows.map(idOf), true),
          },
        ]
      : []),
    ...(hasSelection && openId === null
      ? [
          {
            key: "Escape",
            does: partWords.bulk.clear,
            isQuiet: true,
            run: () => clearSelection(list.name),
          },
        ]
      : []),
  ]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown") moveTo(cursorAt + 1);
    else if (event.key === "ArrowUp") moveTo(cursorAt - 1);
    else return;
    event.preventDefault();
  };

  if (list.error)
    return (
      <div className="min-h-0 flex-1 overflow-auto">
        <Failed what={label} error={list.error} onAgain={list.reload} />
      </div>
    );
  if (!list.isLoading && count === 0)
    return <div className="flex-1 overflow-auto">{props.empty}</div>;

  const shown = fitting(columns, width);
  const above = first?.start ?? 0;
  const below = virtual.getTotalSize() - (last?.end ?? 0);
  const span = isPhone ? 1 : shown.length;
  return (
    <div
      ref={scroller}
      className="min-h-0 flex-1 overflow-auto"
      tabIndex={rows.length === 0 ? 0 : -1}
      data-quiet-focus
      onScroll={(event) => {
        memoryOf(list.name).scrollTop = event.currentTarget.scrollTop;
      }}
      aria-busy={list.isStale || list.isLoading || undefined}
    >
      <table
        className={cx("rows", hasSelection && "rows-selecting", list.isStale && "opacity-70")}
        aria-label={label}
        aria-rowcount={list.hasMore ? -1 : loaded + 1}
      >
        {!isPhone && (
          <colgroup>
            {shown.map(({ id, width: px }) => (
              <col key={id} style={px === undefined ? undefined : { width: px }} />
            ))}
          </colgroup>
        )}
        <thead className={cx(isPhone && "sr-only")}>
          <tr aria-rowindex={1}>
            {isPhone ? (
              <th scope="col">{label}</th>
            ) : (
              shown.map(({ id, head, align }) => (
                <th key={id} scope="col" data-align={align}>
                  {head}
                </th>
              ))
            )}
          </tr>
        </thead>
        <tbody onKeyDown={onKeyDown}>
          {above > 0 && <Gap height={above} span={span} />}
          {list.isLoading && rows.length === 0
            ? SKELETONS.map((n) => <SkeletonRow key={n} n={n} columns={span} />)
            : items.map(({ index, key, size }) => {
                const row = rows[index - offset];
                if (row === undefined && index >= loaded && list.isCut)
                  return <CutRow key={key} span={span} onAgain={list.loadMore} />;
                if (row === undefined) return <SkeletonRow key={key} n={index} columns={span} />;
                const id = idOf(row);
                const isCursor = id === memory.cursor || (memory.cursor === null && index === 0);
                const link = linkOf(row);
                const isChosen = isSelected(memory, id);
                return (
                  <tr
                    key={key}
                    data-row={index}
                    data-fresh={props.isFresh?.(row) === true || undefined}
                    data-cursor={id === memory.cursor || id === openId || undefined}
                    aria-rowindex={index + 2}
                    aria-selected={selects ? isChosen : undefined}
                    aria-label={nameOf(row)}
                    tabIndex={isCursor ? 0 : -1}
                    style={isPhone ? { height: size } : undefined}
                    onFocus={(event) => {
                      if (event.target === event.currentTarget && id !== memory.cursor)
                        remember(list.name, { cursor: id });
                    }}
                    onKeyDown={(event) => {
                      if (event.key !== "Enter" || event.target !== event.currentTarget) return;
                      event.preventDefault();
                      void navigate(link);
                    }}
                    onPointerEnter={() => {
                      clearTimeout(near.current);
                      near.current = setTimeout(() => props.onNear?.(row), NEAR_MS);
                    }}
                    onPointerLeave={() => clearTimeout(near.current)}
                  >
                    {isPhone ? (
                      <td className="px-4! *:first:auto-cols-[minmax(0,1fr)]">
                        {phone(row)}
                        <RowLink link={link} name={nameOf(row)} />
                      </td>
                    ) : (
                      shown.map(({ id: column, cell, align }, n) => (
                        <td key={column} data-align={align}>
                          {n === 0 && selects && (
                            <span className="gutter">
                              <Checkbox
                                checked={isChosen}
                                onChange={(checked) => select(list.name, [id], checked)}
                                label={partWords.table.select(nameOf(row))}
                                tabIndex={-1}
                              />
                            </span>
                          )}
                          {cell(row)}
                          {n === 0 && <RowLink link={link} name={nameOf(row)} />}
                        </td>
                      ))
                    )}
                  </tr>
                );
              })}
          {below > 0 && <Gap height={below} span={span} />}
        </tbody>
      </table>
    </div>
  );
}

/** Covers the row, so that ⌘ and the middle button open a tab. */
function RowLink({
  link,
  name,
}: {
  link: { to: string; search?: Record<string, string | undefined> };
  name: string;
}) {
  return <Link {...link} className="row-link" tabIndex={-1} aria-label={name} />;
}

/** The row is drawn after the list has scrolled to it. */
function focusSoon(scroller: HTMLElement | null, index: number, tries = 5): void {
  requestAnimationFrame(() => {
    const row = scroller?.querySelector<HTMLElement>(`tr[data-row="${index}"]`);
    if (row) row.focus({ preventScroll: true });
    else if (tries > 0) focusSoon(scroller, index, tries - 1);
  });
}
