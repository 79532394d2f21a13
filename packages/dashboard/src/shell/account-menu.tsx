import { useNavigate } from "@tanstack/react-router";
import { BookOpen, LogOut, MoonStar, ShieldCheck, Sun } from "lucide-react";
import { type ReactElement, useSyncExternalStore } from "react";
import { roleOf, useMe } from "../api/me.ts";
import { Menu, MenuItem, MenuLine } from "../parts/controls/menu.tsx";
import { leave } from "../session/sign-in.ts";
import { chooseTheme, onTheme, seenTheme } from "../style/theme.ts";
import { shellWords } from "../words/index.ts";

/** Who you are here, the theme, and the way out. */
export function AccountMenu({ trigger }: { trigger: ReactElement<Record<string, unknown>> }) {
  const me = useMe();
  const navigate = useNavigate();
  const theme = useSyncExternalStore(onTheme, seenTheme);
  const other = theme === "dark" ? "light" : "dark";
  return (
    <Menu trigger={trigger} defaultOpen>
      <div className="px-2 py-1.5">
        <p className="font-medium">{me.person?.name}</p>
        <p className="text-xs text-fg-3">
          {me.person?.email} · {shellWords.roles[roleOf(me)]}
        </p>
      </div>
      <MenuLine />
      <MenuItem
        icon={ShieldCheck}
        onClick={() => void navigate({ to: "/settings", search: { part: "account" } as never })}
      >
        {shellWords.security}
      </MenuItem>
      <MenuItem icon={theme === "dark" ? Sun : MoonStar} onClick={() => chooseTheme(other)}>
        {shellWords.theme[other]}
      </MenuItem>
      <MenuItem icon={BookOpen} onClick={() => void window.open("/docs", "_blank", "noopener")}>
        {shellWords.apiReference}
      </MenuItem>
      <MenuLine />
      <MenuItem icon={LogOut} onClick={() => void leave()}>
        {shellWords.signOut}
      </MenuItem>
    </Menu>
  );
}
