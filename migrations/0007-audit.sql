-- The audit log: events as entries of a Merkle tree, in the order of the event feed. See docs/decisions/0011-an-audit-log-outsiders-can-check.md.

-- What the log proves of an event is the exact text in `leaf`, made in the transaction of the event. `salts` open what is sealed in
-- it. Both are missing for events of earlier versions until the log takes them in.
alter table events add column id text, add column leaf text, add column salts jsonb;
create unique index events_id on events (id);

-- Two changes of an event are possible: making the entry of an old one, once, and erasing texts.
create function refuse_event_change() returns trigger language plpgsql as $$
begin
  if old.leaf is null and new.leaf is not null
    and (to_jsonb(new) - '{id,leaf,salts}'::text[]) = (to_jsonb(old) - '{id,leaf,salts}'::text[]) then
    return new;
  end if;
  if current_setting('liftlock.erasing', true) = 'on'
    and (to_jsonb(new) - '{actor,data,salts}'::text[]) = (to_jsonb(old) - '{actor,data,salts}'::text[]) then
    return new;
  end if;
  raise exception 'the event log is append-only: % is refused', tg_op using errcode = 'integrity_constraint_violation';
end $$;
drop trigger events_append_only on events;
create trigger events_append_only before delete on events for each row execute function refuse_change();
create trigger events_change before update on events for each row execute function refuse_event_change();

-- One row: how far the log is, and what must be known to append to its tree.
create table audit_log (
  one boolean primary key default true check (one),
  origin text not null,
  size bigint not null default 0,
  -- Roots of its perfect subtrees, largest first, 32 bytes each.
  roots bytea not null default '',
  -- Everything before this place of the event feed is in the log.
  place_xid xid8 not null default '0',
  place_seq bigint not null default 0,
  -- The newest checkpoint, which covers all entries.
  signed_at bigint not null default 0
);
insert into audit_log (origin) values ('liftlock/' || replace(gen_random_uuid()::text, '-', ''));

create table audit_entries (
  index bigint primary key,
  seq bigint not null unique,
  hash bytea not null
);

-- Roots of perfect subtrees of 2^8, 2^16 … entries, so that a proof reads little.
create table audit_nodes (
  level smallint not null,
  index bigint not null,
  hash bytea not null,
  primary key (level, index)
);

create table audit_checkpoints (
  size bigint primary key,
  note text not null
);

-- Public keys that have signed checkpoints of this log. Whoever checks it must have them from elsewhere.
create table audit_keys (
  key text primary key,
  first_used_at bigint not null
);

create trigger audit_entries_append_only before update or delete on audit_entries for each row execute function refuse_change();
create trigger audit_entries_no_truncate before truncate on audit_entries for each statement execute function refuse_change();
create trigger audit_nodes_append_only before update or delete on audit_nodes for each row execute function refuse_change();
create trigger audit_nodes_no_truncate before truncate on audit_nodes for each statement execute function refuse_change();
create trigger audit_checkpoints_append_only before update or delete on audit_checkpoints for each row execute function refuse_change();
create trigger audit_checkpoints_no_truncate before truncate on audit_checkpoints for each statement execute function refuse_change();
