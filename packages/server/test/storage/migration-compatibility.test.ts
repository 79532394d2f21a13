import { expect, test } from "vitest";
import { migrations } from "../../src/storage/migrations/index.ts";
import {
  changedTablesIn,
  incompatibilitiesIn,
  slowIndexesIn,
} from "../support/project/migration-lint.ts";

/** No release ran on what these change. */
const BEFORE_THE_FIRST_RELEASE = "0027";
const INCOMPATIBLE = ["0020-series"];

test("no migration does what a process of the release before could not live with", () => {
  const checked = Object.entries(migrations).filter(([name]) => !INCOMPATIBLE.includes(name));
  expect(checked.length).toBeGreaterThan(20);
  const faults = checked.flatMap(([name, sql]) =>
    incompatibilitiesIn(sql).map((fault) => `${name}: ${fault}`),
  );
  expect(faults).toEqual([]);
});

test("no migration holds two tables that are in use", () => {
  const faults = Object.entries(migrations).flatMap(([name, sql]) => {
    const changed = changedTablesIn(sql);
    const isChecked = name.slice(0, 4) > BEFORE_THE_FIRST_RELEASE;
    return isChecked && changed.length > 1 ? [`${name}: ${changed.join(", ")}`] : [];
  });
  expect(faults).toEqual([]);
  const two = "alter table event add column a int; create index retry_a on retry (n)";
  expect(changedTablesIn(two)).toEqual(["event", "retry"]);
  expect(changedTablesIn("create table a (b int); create index a_b on a (b)")).toEqual([]);
});

test("no migration makes an index for all days of a table at once", () => {
  const faults = Object.entries(migrations).flatMap(([name, sql]) =>
    name.slice(0, 4) > BEFORE_THE_FIRST_RELEASE ? slowIndexesIn(sql) : [],
  );
  expect(faults).toEqual([]);
  const two = "create index event_a on event (a); create index message_a on only message (a)";
  expect(slowIndexesIn(two)).toEqual(["event_a"]);
});

test.each([
  "drop table event",
  "alter table event drop column payload",
  "alter table event rename column payload to body",
  "alter table event rename to fact",
  "alter table event alter column payload type bytea using payload::bytea",
  "alter table event alter column account_id set not null",
  "alter table workspace alter column plan drop default",
  "alter table event add column colour text not null",
  "alter table event add column a int default 1, add column colour text not null",
  "alter table event add constraint big check (length(payload) < 10)",
  "alter table account add unique (name)",
  "create unique index account_name on account (name)",
  "alter table tally drop constraint tally_pkey",
  "truncate tally",
  "DELETE FROM retry",
])("the check sees %s", (sql) => {
  expect(incompatibilitiesIn(`alter table x add column y int;\n${sql};`)).toHaveLength(1);
});

test.each([
  "alter table event add column colour text",
  "alter table event add column colour text not null default 'drop table'",
  "alter table event add column a text[] not null default '{}', add column b int not null default 0",
  "create table colour (id uuid primary key, name text not null unique)",
  "create table colour (id uuid); create unique index colour_id on colour (id); alter table colour add unique (id)",
  "create index account_name on account (name)",
  "-- unused since 1.4\nalter table event drop column payload",
  "update plan set title = 'x'",
])("and lets pass %s", (sql) => {
  expect(incompatibilitiesIn(sql)).toEqual([]);
});
