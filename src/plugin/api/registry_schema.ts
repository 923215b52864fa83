/**
 * The tables of a workflow registry. Each statement can be run again without effect. Times are RFC 3339 texts, and
 * `metadata`, `config` and `fields` hold JSON.
 */
export const registrySchema: readonly string[] = [
  `create table if not exists companies (
    id text primary key, name text not null, slug text not null, owner_id text not null,
    parent_id text references companies(id), is_system integer not null default 0,
    metadata text not null default '{}', created_at text not null, updated_at text not null)`,
  `create table if not exists projects (
    id text primary key, company_id text not null references companies(id), name text not null, slug text not null,
    description text not null default '', is_system integer not null default 0,
    metadata text not null default '{}', created_at text not null, updated_at text not null)`,
  `create table if not exists workflows (
    id text primary key, project_id text not null references projects(id), name text not null, slug text not null,
    description text not null default '', config_yaml text not null default '', version integer not null default 1,
    status text not null default 'draft', is_system integer not null default 0, workspace_dir text not null default '',
    created_by text not null, updated_by text not null, created_at text not null, updated_at text not null)`,
  `create table if not exists workflow_versions (
    id text primary key, workflow_id text not null references workflows(id) on delete cascade,
    version integer not null, config_yaml text not null, created_by text not null, created_at text not null,
    note text not null default '', unique (workflow_id, version))`,
  `create table if not exists workflow_executions (
    id text primary key, workflow_id text not null references workflows(id) on delete cascade,
    trigger_type text not null default 'manual', trigger_data text, status text not null default 'pending',
    output_data text, error_message text, triggered_by text, started_at text not null, completed_at text,
    duration_ms integer, metadata text)`,
  `create table if not exists execution_steps (
    id text primary key, execution_id text not null references workflow_executions(id) on delete cascade,
    step_name text not null, step_type text not null, input_data text, output_data text, status text not null,
    error_message text, started_at text, completed_at text, duration_ms integer, sequence_num integer not null,
    metadata text)`,
  `create table if not exists execution_logs (
    id integer primary key autoincrement, workflow_id text not null references workflows(id) on delete cascade,
    execution_id text, level text not null default 'info', message text not null, module_name text, fields text,
    created_at text not null)`,
  `create table if not exists audit_log (
    id integer primary key autoincrement, user_id text, action text not null, resource_type text not null,
    resource_id text, details text, ip_address text, user_agent text, created_at text not null)`,
  `create table if not exists iam_provider_configs (
    id text primary key, company_id text not null references companies(id) on delete cascade,
    provider_type text not null, name text not null, config text not null, enabled integer not null default 1,
    created_at text not null, updated_at text not null)`,
  `create table if not exists iam_role_mappings (
    id text primary key, provider_id text not null references iam_provider_configs(id) on delete cascade,
    external_identifier text not null, resource_type text not null, resource_id text not null, role text not null,
    created_at text not null)`,
  `create table if not exists workflow_permissions (
    id text primary key, workflow_id text not null references workflows(id) on delete cascade,
    subject text not null, action text not null default 'read', granted integer not null default 1,
    created_at text not null, updated_at text not null)`,
  "create index if not exists projects_by_company on projects (company_id)",
  "create index if not exists workflows_by_project on workflows (project_id)",
  "create index if not exists executions_by_workflow on workflow_executions (workflow_id, started_at)",
  "create index if not exists steps_by_execution on execution_steps (execution_id, sequence_num)",
  "create index if not exists logs_by_workflow on execution_logs (workflow_id, created_at)",
  "create index if not exists audit_by_time on audit_log (created_at)",
];
