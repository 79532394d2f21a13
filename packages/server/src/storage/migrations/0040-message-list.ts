/**
 * Messages of a workspace in their order, whichever conversation they are of. Days that are there already get
 * theirs beside the work, by `storage/retention/day-indexes.ts`.
 */
export const up = "create index message_workspace on only message (workspace_id, id)";
