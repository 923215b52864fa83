create table engine_definition (
  hash text primary key,
  pipeline text not null,
  source text not null,
  created_at bigint not null
);

create table engine_run (
  id text primary key,
  pipeline text not null,
  definition text not null,
  trigger_type text not null,
  durability text not null,
  status text not null,
  input text not null,
  attempt integer not null,
  retried integer not null default 0,
  token bigint not null,
  idempotency_key text,
  input_hash text,
  response text,
  concurrency_key text,
  parent text,
  replay_of text,
  wait_seq integer,
  wait_signal text,
  wake_at bigint,
  failed_step text,
  error text,
  error_code text,
  created_at bigint not null,
  finished_at bigint
) without rowid;
create unique index engine_run_key on engine_run (pipeline, idempotency_key) where idempotency_key is not null;
create index engine_run_due on engine_run (wake_at) where status in ('waiting', 'queued');
create index engine_run_open on engine_run (status, id) where status in ('running', 'waiting', 'queued', 'blocked');
create index engine_run_finished on engine_run (finished_at) where finished_at is not null;

create table engine_step (
  run text not null,
  seq integer not null,
  attempt integer not null,
  phase text not null,
  name text not null,
  type text not null,
  status text not null,
  output text,
  error text,
  error_code text,
  next_index integer not null,
  started_at bigint not null,
  finished_at bigint not null,
  primary key (run, seq, attempt)
) without rowid;

create table engine_item (
  run text not null,
  seq integer not null,
  item integer not null,
  output text not null,
  primary key (run, seq, item)
);

create table engine_signal (
  id text primary key,
  run text not null,
  name text not null,
  payload text not null,
  created_at bigint not null
);
create index engine_signal_run on engine_signal (run, name, id);

create table engine_dead_letter (
  id text primary key,
  run text not null,
  pipeline text not null,
  step text not null,
  error text not null,
  error_code text not null,
  payload text not null,
  status text not null,
  retry_count integer not null,
  created_at bigint not null,
  updated_at bigint not null,
  resolved_at bigint
);
create index engine_dead_letter_status on engine_dead_letter (status, id);
create index engine_dead_letter_run on engine_dead_letter (run);

create table engine_blob (
  hash text not null,
  part integer not null,
  content text not null,
  primary key (hash, part)
);

create table engine_blob_use (
  run text not null,
  hash text not null,
  primary key (run, hash)
);
create index engine_blob_use_hash on engine_blob_use (hash);
