import type { Town } from "../engine/town.ts";

/**
 * What is still to be done of events from `firstKept` on, in words; "" when nothing is. A follower of the log
 * has come to `position`.
 */
export async function findLeft(
  { rows }: Town,
  { firstKept, position }: { firstKept: string; position: string },
): Promise<string> {
  const [row] = await rows<{ left: string }>(
    `select concat_ws(', ',
      (select 'retry: ' || string_agg(to_json(r)::text, ' ') from retry r having count(*) > 0),
      (select 'lanes: ' || count(*) from lane having count(*) > 0),
      (select 'jobs: ' || string_agg(to_json(j)::text, ' ') from job j where state <> 'done' having count(*) > 0),
      (select 'behind: ' || string_agg(to_json(p)::text, ' ') from endpoint p where behind_from is not null having count(*) > 0),
      (select 'receipts: ' || count(*) from purge_receipt where event_id >= $1 having count(*) > 0),
      (select 'not shown: ' || count(*) from event where id > $2 having count(*) > 0),
      (select 'dead processes: ' || count(*) from process where state = 'dead' having count(*) > 0),
      (select 'not settled: ' || string_agg(e.id || '/' || t.endpoint, ' ')
        from event e cross join unnest(e.targets) as t (endpoint)
        where e.id >= $1 and not exists (select from delivery d where d.event_id = e.id and d.endpoint = t.endpoint
          and d.state <> 'pending') having count(*) > 0)) as left`,
    [firstKept, position],
  );
  return row?.left ?? "";
}

/** What a process has passed though it waits nowhere, of events from `firstKept` on. */
export async function findPassed({ rows }: Town, firstKept: string): Promise<string[]> {
  const passed = await rows<{ what: string }>(
    `select p.id || ' has passed ' || e.id || '/' || t.endpoint as what
     from event e join process p on p.id = e.owner and (p.state = 'recovered' or e.id <= p.settled_floor)
     cross join unnest(e.targets) as t (endpoint)
     join endpoint o on o.serial = t.endpoint
     where e.id >= $1
       and not exists (select from delivery d where d.event_id = e.id and d.endpoint = t.endpoint)
       and not exists (select from retry r where r.event_id = e.id and r.endpoint = t.endpoint)
       and (e.id > o.behind_from and e.config_version >= o.behind_version
         and (o.behind_until is null or e.config_version < o.behind_until)) is not true`,
    [firstKept],
  );
  return passed.map(({ what }) => what);
}
