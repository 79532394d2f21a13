/**
 * What following the log needs: who follows (every process then publishes its floor more often), and
 * the kind of an event's channel, which a filter asks for and a channel alone does not always tell.
 */
export const up = `
alter table process add column followed_until timestamptz;
alter table event add column channel_kind text;
`;
