const runColumns = `id, pipeline, definition, trigger_type, durability, status, input, attempt, retried,
  token, idempotency_key,
  input_hash, response, concurrency_key, parent, replay_of, wait_seq, wait_signal, wake_at, failed_step, error,
  error_code, created_at, finished_at`;

/** The statements of the journal. SQL that both SQLite and PostgreSQL understand. */
export const runStatements = {
  insertDefinition: {
    sql: `insert into engine_definition (hash, pipeline, source, created_at) values ($1, $2, $3, $4)
      on conflict do nothing`,
  },
  definitionByHash: { sql: "select pipeline, source from engine_definition where hash = $1" },
  insertRun: {
    sql: `insert into engine_run (id, pipeline, definition, trigger_type, durability, status, input, attempt, token,
        idempotency_key, input_hash, concurrency_key, parent, replay_of, wake_at, error, error_code, failed_step,
        created_at, finished_at, response)
      values ($1, $2, $3, $4, $5, $6, $7, 1, 1, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
      on conflict do nothing`,
    isGuard: true,
  },
  insertStep: {
    sql: `insert into engine_step (run, seq, attempt, phase, name, type, status, output, error, error_code, next_index,
        started_at, finished_at)
      select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13
      where exists (select 1 from engine_run where id = $1 and token = $14)`,
    isGuard: true,
  },
  insertItem: {
    sql: `insert into engine_item (run, seq, item, output)
      select $1, $2, $3, $4 where exists (select 1 from engine_run where id = $1 and token = $5)
      on conflict (run, seq, item) do nothing`,
  },
  itemsOfStep: { sql: "select item, output from engine_item where run = $1 and seq = $2 order by item" },
  insertBlob: { sql: "insert into engine_blob (hash, part, content) values ($1, $2, $3) on conflict do nothing" },
  insertBlobUse: { sql: "insert into engine_blob_use (run, hash) values ($1, $2) on conflict do nothing" },
  blobParts: { sql: "select content from engine_blob where hash = $1 order by part" },
  blobPart: { sql: "select content from engine_blob where hash = $1 and part = $2" },
  blobUse: { sql: "select 1 as used from engine_blob_use where run = $1 and hash = $2" },
  parkRun: {
    sql: `update engine_run set status = $3, wait_seq = $4, wait_signal = $5, wake_at = $6
      where id = $1 and token = $2 and status in ('running', 'queued')`,
    isGuard: true,
  },
  endWait: {
    sql: `update engine_run set status = 'running', wait_seq = null, wait_signal = null, wake_at = null
      where id = $1 and token = $2`,
    isGuard: true,
  },
  finishRun: {
    sql: `update engine_run set status = $3, error = $4, error_code = $5, failed_step = $6, finished_at = $7,
        wait_seq = null, wait_signal = null, wake_at = null, response = $8
      where id = $1 and token = $2 and finished_at is null`,
    isGuard: true,
  },
  startCompensation: {
    sql: "update engine_run set error = $3, error_code = $4, failed_step = $5 where id = $1 and token = $2",
    isGuard: true,
  },
  blockRun: {
    sql: `update engine_run set status = 'blocked', error = $3, error_code = $4 where id = $1 and token = $2`,
    isGuard: true,
  },
  unblockRuns: {
    sql: `update engine_run set status = 'queued', wake_at = $1, error = null, error_code = null
      where status = 'blocked' returning id`,
  },
  cancelRun: {
    sql: `update engine_run set status = 'cancelled', token = token + 1, finished_at = $2, error = $3,
        error_code = 'run.cancelled', wake_at = null, wait_seq = null, wait_signal = null
      where id = $1 and finished_at is null`,
    isGuard: true,
  },
  requeueRun: {
    sql: `update engine_run set status = 'queued', token = token + 1, wake_at = $2
      where id = $1 and finished_at is null and status = 'running' and wait_seq is null`,
    isGuard: true,
  },
  requeueWaiting: {
    sql: `update engine_run set status = 'waiting', token = token + 1
      where id = $1 and finished_at is null and status = 'running' and wait_seq is not null`,
  },
  recoverQueued: {
    sql: `update engine_run set wake_at = $1 where status = 'queued' and wake_at is null`,
  },
  shelveRun: {
    sql: `update engine_run set status = 'queued', wake_at = null where id = $1 and token = $2 and status = 'running'`,
    isGuard: true,
  },
  recoverRunning: {
    sql: `update engine_run set status = 'queued', attempt = attempt + 1, token = token + 1, wake_at = $1
      where status = 'running' and wait_seq is null`,
  },
  recoverWaiting: {
    sql: `update engine_run set status = 'waiting', token = token + 1
      where status = 'running' and wait_seq is not null`,
  },
  recoverSignalled: {
    sql: `update engine_run set wake_at = $1 where status = 'waiting' and wait_signal is not null
      and exists (select 1 from engine_signal s where s.run = engine_run.id and s.name = engine_run.wait_signal)`,
  },
  requeueSignalled: {
    sql: `update engine_run set wake_at = $2 where id = $1 and status = 'waiting' and wait_signal is not null
      and exists (select 1 from engine_signal s where s.run = engine_run.id and s.name = engine_run.wait_signal)`,
  },
  claimDue: {
    sql: `update engine_run set status = 'running', token = token + 1 where id in (
        select id from engine_run where status in ('waiting', 'queued') and wake_at <= $1
          and ($3 = '' or $3 not like '%|' || pipeline || '|%')
        order by wake_at limit $2)
      returning ${runColumns}`,
  },
  claimSignalled: {
    sql: `update engine_run set status = 'running', token = token + 1
      where id = $1 and status = 'waiting' and wait_signal = $2 returning ${runColumns}`,
  },
  claimRun: {
    sql: `update engine_run set status = 'running', token = token + 1
      where id = $1 and status in ('queued', 'blocked') returning ${runColumns}`,
  },
  nextDue: {
    sql: "select min(wake_at) as wake_at from engine_run where status in ('waiting', 'queued') and wake_at is not null",
  },
  runById: { sql: `select ${runColumns} from engine_run where id = $1` },
  listRuns: {
    sql: `select ${runColumns} from engine_run
      where ($1 is null or pipeline = $1) and ($2 is null or status = $2) and ($3 is null or created_at >= $3)
        and ($4 is null or created_at <= $4) and ($5 is null or id < $5)
      order by id desc limit $6 offset $7`,
  },
  countRuns: {
    sql: `select status, count(*) as total from engine_run where ($1 is null or pipeline = $1) group by status`,
  },
  runByKey: { sql: `select ${runColumns} from engine_run where pipeline = $1 and idempotency_key = $2` },
  stepsOfRun: {
    sql: `select seq, attempt, phase, name, type, status, output, error, error_code, next_index, started_at, finished_at
      from engine_step where run = $1 order by seq, attempt`,
  },
  insertDeadLetter: {
    sql: `insert into engine_dead_letter (id, run, pipeline, step, error, error_code, payload, status, retry_count,
        created_at, updated_at)
      select $1, $2, $3, $4, $5, $6, $7, 'pending', 0, $8, $8
      where not exists (select 1 from engine_dead_letter where run = $2 and status in ('pending', 'retrying'))`,
  },
  listDeadLetters: {
    sql: `select id, run, pipeline, step, error, error_code, payload, status, retry_count, created_at, updated_at,
        resolved_at
      from engine_dead_letter
      where ($1 is null or pipeline = $1) and ($2 is null or step = $2) and ($3 is null or status = $3)
        and ($4 is null or error_code = $4)
      order by id desc limit $5 offset $6`,
  },
  countDeadLetters: {
    sql: `select status, count(*) as total from engine_dead_letter
      where ($1 is null or pipeline = $1) and ($2 is null or step = $2) and ($3 is null or status = $3)
        and ($4 is null or error_code = $4)
      group by status`,
  },
  deadLetterById: {
    sql: `select id, run, pipeline, step, error, error_code, payload, status, retry_count, created_at, updated_at,
        resolved_at
      from engine_dead_letter where id = $1`,
  },
  setDeadLetterStatus: {
    sql: `update engine_dead_letter set status = $2, retry_count = retry_count + $3, updated_at = $4, resolved_at = $5
      where id = $1 and status in ('pending', 'retrying')`,
    isGuard: true,
  },
  retryDeadLetter: {
    sql: `update engine_dead_letter set status = 'retrying', retry_count = retry_count + 1, updated_at = $2
      where id = $1 and status = 'pending' and retry_count < $3`,
    isGuard: true,
  },
  settleDeadLetter: {
    sql: `update engine_dead_letter set status = $2, error = coalesce($3, error), updated_at = $4, resolved_at = $5
      where run = $1 and status = 'retrying'`,
  },
  purgeDeadLetters: {
    sql: `delete from engine_dead_letter where status in ('resolved', 'discarded') and updated_at < $1`,
  },
  retryRun: {
    sql: `update engine_run set status = 'queued', attempt = attempt + 1, retried = attempt + 1, token = token + 1,
        wake_at = $2, definition = $3, finished_at = null, error = null, error_code = null, failed_step = null
      where id = $1 and status = 'failed'`,
    isGuard: true,
  },
  oldRuns: {
    sql: `select id from engine_run where finished_at < $1
        and not exists (
          select 1 from engine_dead_letter where run = engine_run.id and status in ('pending', 'retrying'))
      order by finished_at limit $2`,
  },
  surplusRuns: {
    sql: `select id from engine_run where durability = 'none' and finished_at is not null
      order by id desc limit $1 offset $2`,
  },
  deleteStepsOf: { sql: "delete from engine_step where run = $1" },
  deleteItemsOf: { sql: "delete from engine_item where run = $1" },
  deleteSignalsOf: { sql: "delete from engine_signal where run = $1" },
  deleteBlobUsesOf: { sql: "delete from engine_blob_use where run = $1" },
  deleteRun: { sql: "delete from engine_run where id = $1 and finished_at is not null" },
  deleteUnusedBlobs: {
    sql: `delete from engine_blob where not exists (select 1 from engine_blob_use where hash = engine_blob.hash)`,
  },
  deleteUnusedDefinitions: {
    sql: `delete from engine_definition where created_at < $1
      and not exists (select 1 from engine_run where definition = engine_definition.hash)`,
  },
  runningIds: { sql: "select id from engine_run where status = 'running' order by id limit 10000" },
  auditWaiting: {
    sql: `select count(*) as total from engine_run
      where status = 'waiting' and (wait_seq is null or (wake_at is null and wait_signal is null))`,
  },
  auditFinished: {
    sql: `select count(*) as total from engine_run
      where status in ('queued', 'running', 'waiting', 'blocked') and finished_at is not null`,
  },
  auditGaps: {
    sql: `select count(*) as total from (
        select run from engine_step
        where run in (select id from engine_run where status in ('queued', 'running', 'waiting', 'blocked'))
        group by run having count(distinct seq) <> max(seq)) as gaps`,
  },
  auditOrphans: {
    sql: `select (select count(*) from engine_signal where run not in (select id from engine_run)) +
        (select count(*) from engine_item where run not in (select id from engine_run)) as total`,
  },
  insertSignal: {
    sql: `insert into engine_signal (id, run, name, payload, created_at)
      select $1, $2, $3, $4, $5 where exists (select 1 from engine_run where id = $2 and finished_at is null)`,
    isGuard: true,
  },
  firstSignal: { sql: "select id, payload from engine_signal where run = $1 and name = $2 order by id limit 1" },
  deleteSignal: { sql: "delete from engine_signal where id = $1" },
  signalsOfRun: { sql: "select id, name, payload, created_at from engine_signal where run = $1 order by id" },
} as const;
