import type { ReactElement } from "react";
import { useMe } from "../api/me.ts";
import { chooseWorkspace } from "../api/workspace.ts";
import { cx } from "../parts/class-names.ts";
import { Menu, MenuItem } from "../parts/controls/menu.tsx";

/** The workspaces that you are a member of. */
export function WorkspaceMenu({ trigger }: { trigger: ReactElement<Record<string, unknown>> }) {
  const { workspace, workspaces } = useMe();
  return (
    <Menu align="start" trigger={trigger} defaultOpen>
      {workspaces.map(({ id, name }) => (
        <MenuItem
          key={id}
          onClick={() => {
            chooseWorkspace(id);
            location.assign("/");
          }}
        >
          <span className={cx(id === workspace.id && "font-medium")}>{name}</span>
        </MenuItem>
      ))}
    </Menu>
  );
}
