import type { UnavailableType } from "../define/registry.ts";

interface Group {
  readonly reason: string;
  readonly types: readonly string[];
}

function named(prefix: string, words: string): readonly string[] {
  return words.split(" ").map((word) => prefix + word);
}

const outside = "cloud and cluster resources are not managed by this server";

/** Types by what a configuration should use instead. */
const groups: readonly Group[] = [
  {
    reason: `${outside}; describe the target with platform.context and create it with OpenTofu, Terraform or Pulumi`,
    types: [
      ...named("platform.", "provider resource region region_router do_app"),
      ...named("platform.", "kubernetes ecs dns networking apigateway autoscaling doks do_networking do_dns"),
    ],
  },
  {
    reason: `${outside}; keep the state with the tool that creates the resources, such as OpenTofu`,
    types: ["iac.state", ...named("step.iac_", "plan apply status destroy drift_detect")],
  },
  {
    reason: "containers are not deployed by this server; use the Helm chart in deploy/helm or kubectl",
    types: ["app.container", ...named("step.app_", "deploy status rollback"), "step.deploy"],
  },
  {
    reason: "Argo Workflows is not built in; call its REST API with step.http_call",
    types: ["argo.workflows", ...named("step.argo_", "submit status logs delete list")],
  },
  {
    reason: "cloud credentials are not kept as a module; give them to the component that needs them as ${…} references",
    types: ["cloud.account", "step.cloud_validate"],
  },
  {
    reason: "AWS CodeBuild is not built in; start builds from your CI system, or through its API with step.http_call",
    types: [
      "aws.codebuild",
      ...named("step.codebuild_", "create_project start status logs delete_project list_builds"),
    ],
  },
  {
    reason: "GitLab webhooks are not built in; use an http trigger with step.webhook_verify or a step.conditional",
    types: ["gitlab.webhook", "step.gitlab_parse_webhook"],
  },
  {
    reason: "the GitLab client is not built in; call the GitLab REST API with step.http_call",
    types: ["gitlab.client", ...named("step.gitlab_", "trigger_pipeline pipeline_status create_mr mr_comment")],
  },
  {
    reason: "this server starts no containers; run the work in your CI system and call it with step.http_call",
    types: [...named("step.", "sandbox_exec shell_exec docker_build docker_push docker_run build_from_config")],
  },
  {
    reason: "scanners are not built in; run them in your CI system",
    types: [...named("step.scan_", "sast container deps")],
  },
  {
    reason: "artifacts of executions are not built in; use step.artifact_upload and step.artifact_download",
    types: [...named("step.", "artifact_push artifact_pull")],
  },
  {
    reason: "approval is not built in; end the pipeline and start the rest with a second trigger",
    types: ["step.gate"],
  },
  {
    reason: "programs are not compiled by a pipeline; `bun run build` makes the executable",
    types: ["step.build_binary"],
  },
  {
    reason: "git is not built in; run it in your CI system, or call your host's API with step.http_call",
    types: [...named("step.git_", "clone checkout commit push tag")],
  },
  {
    reason: `${outside}; run your infrastructure tool in CI and start it with step.http_call`,
    types: [
      "step.platform_template",
      ...named("step.platform_", "plan apply destroy"),
      ...named("step.", "drift_check constraint_check"),
      ...named("step.k8s_", "plan apply status destroy"),
      ...named("step.ecs_", "plan apply status destroy"),
      ...named("step.dns_", "plan apply status"),
      ...named("step.network_", "plan apply status"),
      ...named("step.apigw_", "plan apply status destroy"),
      ...named("step.scaling_", "plan apply status destroy"),
      ...named("step.region_", "deploy promote failover status weight sync"),
      ...named("step.do_", "deploy status logs scale destroy"),
    ],
  },
  {
    reason: "use the middleware http.middleware.auth on the route",
    types: ["step.auth_required"],
  },
  {
    reason: "the module auth.jwt answers login, registration and profile requests",
    types: [...named("step.user_", "login register profile")],
  },
  {
    reason: "companies and organizations are kept by the management API and by the module workflow.registry",
    types: [...named("step.org_", "create list")],
  },
  {
    reason: "nothing is there to reconcile; start a pipeline with a schedule trigger",
    types: ["trigger.reconciliation"],
  },
  {
    reason: `${outside}; describe the target with the module platform.context`,
    types: ["workflow.platform"],
  },
];

/** Types that configurations may name and that this build refuses, with what to use instead. */
export const unavailableTypes: readonly UnavailableType[] = groups.flatMap(({ reason, types }) =>
  types.map((type) => ({ type, reason })),
);
