import { api, type Shape, taken } from "../../api/client.ts";
import type { ListPage } from "../../api/list.ts";
import { memberWords } from "../../words/index.ts";

export type Role = Shape<"Member">["role"];

export const ROLES: readonly Role[] = ["owner", "developer", "agent", "read_only"];

/** Who is a member, and who was invited and has not come yet. */
export type Person =
  | ({ kind: "member" } & Shape<"Member">)
  | ({ kind: "invitation" } & Shape<"Invitation">);

/** Both lists in one, members first; they are short, and the API gives each at once. */
export async function loadPeople(): Promise<ListPage<Person>> {
  const [members, invitations] = await Promise.all([
    taken(api.GET("/v1/members")),
    taken(api.GET("/v1/invitations")),
  ]);
  const data: Person[] = [
    ...members.data.map((each) => ({ kind: "member" as const, ...each })),
    ...invitations.data.map((each) => ({ kind: "invitation" as const, ...each })),
  ];
  return { data, has_more: false, next_cursor: null };
}

export function nameOf(person: Person): string {
  return person.kind === "member" ? person.name : person.email;
}

export function roleName(role: Role): string {
  return memberWords.roles[role].name;
}
