"""What takes the product out of the checkout: version, workflows, skaffold, and stacks on AWS."""

import json
import os
import re
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import boto3
import jsonschema_rs
import pytest
import yaml
from cfnlint import api as cfnlint
from moto import mock_aws
from moto.cloudformation.parsing import get_model_map

CHECKOUT = Path(__file__).parents[1]
STACKS = sorted((CHECKOUT / "k8s/eks/stacks").glob("*.yaml"))
WORKFLOWS = sorted((CHECKOUT / ".github/workflows").glob("*.yaml"))
ENVIRONMENTS = {
    "k8s/kind/values.yaml": "candor",
    "k8s/kind/development.yaml": "candor",
    "k8s/kind/postgres.yaml": "postgres",
    "k8s/eks/values.yaml": "candor",
    "k8s/eks/postgres.yaml": "postgres",
}
BEGIN_AND_WAIT = "import os, signal; print(os.getpid(), flush=True); signal.pause()"
USES = re.compile(r"^\s*(?:- )?uses: (\S+)(.*)$", re.MULTILINE)
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")
ROOMS = ("services/api", "services/ui", "services/model_server", "training", "scraping")
DOCKERFILES = [CHECKOUT / room / "Dockerfile" for room in ROOMS]


def load(path):
    return yaml.safe_load(path.read_text())


@pytest.fixture(scope="module")
def version():
    return load(CHECKOUT / "charts/candor/Chart.yaml")["appVersion"]


# One version, in charts/candor/Chart.yaml.


def test_the_chart_has_the_version_of_the_product(version):
    assert load(CHECKOUT / "charts/candor/Chart.yaml")["version"] == version


@pytest.mark.parametrize(
    "project",
    sorted(
        path
        for pattern in ("pyproject.toml", "*/pyproject.toml", "services/*/pyproject.toml")
        for path in CHECKOUT.glob(pattern)
    ),
    ids=lambda path: str(path.relative_to(CHECKOUT)),
)
def test_every_room_has_the_version_of_the_product(project, version):
    assert tomllib.loads(project.read_text())["project"]["version"] == version


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda path: path.parent.name)
def test_an_image_is_labelled_with_the_version_of_the_product(dockerfile, version):
    assert re.findall(r"\bVERSION=([\d.]+)", dockerfile.read_text())[-1] == version


def test_the_workflow_that_releases_reads_the_version_where_the_makefile_does():
    place = "sed -n 's/^appVersion: //p' charts/candor/Chart.yaml"
    assert place in (CHECKOUT / "Makefile").read_text()
    assert place in (CHECKOUT / ".github/workflows/release.yaml").read_text()


# Workflows.


@pytest.fixture(params=WORKFLOWS, ids=lambda path: path.name)
def workflow(request):
    return request.param


def test_an_action_is_pinned_by_its_commit_and_says_its_version(workflow):
    used = USES.findall(workflow.read_text())
    assert used
    for action, comment in used:
        assert action.startswith("./") or PINNED.fullmatch(action), action
        assert action.startswith("./") or re.fullmatch(r" # v\d+\.\d+\.\d+", comment), action


def test_an_action_has_one_version_in_all_workflows():
    used = {action for path in WORKFLOWS for action, _ in USES.findall(path.read_text())}
    names = [action.partition("@")[0] for action in used]
    assert len(names) == len(set(names))


def test_a_workflow_may_only_read_and_a_job_says_what_else_it_may(workflow):
    content = load(workflow)
    assert content["permissions"] == {"contents": "read"}
    for name, job in content["jobs"].items():
        # Whoever signs or deploys needs the run's identity, whoever pushes the registry.
        more = {right for right, level in job.get("permissions", {}).items() if level == "write"}
        assert more <= {"packages", "id-token"}, name
        assert "uses" in job or job["timeout-minutes"], name


def test_a_checkout_leaves_no_token_behind(workflow):
    for job in load(workflow)["jobs"].values():
        for step in job.get("steps", []):
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False


def test_no_command_is_made_of_what_others_write(workflow):
    for job in load(workflow)["jobs"].values():
        for step in job.get("steps", []):
            assert "${{" not in step.get("run", "")


# skaffold.yaml.


@pytest.fixture(scope="module")
def skaffold():
    return load(CHECKOUT / "skaffold.yaml")


def test_skaffold_builds_every_image_in_every_profile(skaffold):
    rooms = {path.parent.name.replace("_", "-") for path in DOCKERFILES}
    artifacts = {one["image"]: one for one in skaffold["build"]["artifacts"]}
    assert set(artifacts) == {f"candor/{room}" for room in rooms}
    for profile in skaffold["profiles"]:
        others = profile["build"].get("artifacts", [])
        assert not others or {one["image"] for one in others} == set(artifacts)
        for one in others:
            dockerfile = artifacts[one["image"]]["docker"]["dockerfile"]
            assert one["custom"]["buildCommand"].endswith(f"-f {dockerfile}")
            assert one.get("sync") == artifacts[one["image"]].get("sync")


def test_skaffold_puts_files_where_the_image_has_them(skaffold):
    for one in skaffold["build"]["artifacts"]:
        for rule in one.get("sync", {}).get("manual", []):
            package = rule["src"].removesuffix("/**/*")
            assert (CHECKOUT / package / "__init__.py").exists()
            assert rule["strip"] == f"{Path(package).parent}/"
            text = (CHECKOUT / one["docker"]["dockerfile"]).read_text()
            assert f"COPY --from=code /app {rule['dest']}\n" in text


def test_every_file_that_skaffold_names_is_there(skaffold):
    deployments = [skaffold["deploy"]] + [
        profile["deploy"] for profile in skaffold["profiles"] if "deploy" in profile
    ]
    releases = [one for deployment in deployments for one in deployment["helm"]["releases"]]
    named = [file for one in releases for file in [one["chartPath"], *one["valuesFiles"]]]
    named += [
        one["executionMode"]["kubernetesCluster"]["jobManifestPath"] for one in skaffold["verify"]
    ]
    assert len(named) > len(releases)
    assert [name for name in named if "{{" not in name and not (CHECKOUT / name).exists()] == []


def test_skaffold_verify_does_what_the_charts_own_test_does(skaffold):
    template = (CHECKOUT / "charts/candor/templates/tests/review.yaml").read_text()
    command = ", ".join(skaffold["verify"][0]["container"]["command"])
    assert f"command: [{command}]" in template
    job = load(CHECKOUT / "k8s/verify.yaml")["spec"]["template"]["spec"]
    for variable in job["containers"][0]["env"]:
        assert variable["name"] in template


@pytest.fixture
def reloaded(tmp_path):
    """A command under the reloader; gives its process and what it has said."""
    said = tmp_path / "said.txt"
    (tmp_path / "code.py").write_text("")
    reload = [sys.executable, CHECKOUT / "charts/candor/files/reload.py", sys.executable, "-c"]
    with said.open("w") as output:
        process = subprocess.Popen([*reload, BEGIN_AND_WAIT], cwd=tmp_path, stdout=output)
    yield process, lambda: said.read_text().split()
    process.kill()
    process.wait()


def test_a_command_is_started_again_when_a_file_changes(reloaded, tmp_path, wait_until):
    process, said = reloaded
    wait_until(lambda: len(said()) == 1, process)
    (tmp_path / "code.py").write_text("# Changed.")
    wait_until(lambda: len(said()) == 2, process)
    assert not Path(f"/proc/{said()[0]}").exists()


def test_a_command_that_ends_is_started_again(reloaded, wait_until):
    process, said = reloaded
    wait_until(lambda: len(said()) == 1, process)
    os.kill(int(said()[0]), signal.SIGKILL)
    wait_until(lambda: len(said()) == 2, process)


def test_the_end_of_the_reloader_is_the_end_of_the_command(reloaded, wait_until):
    process, said = reloaded
    wait_until(lambda: len(said()) == 1, process)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) == 0
    assert not Path(f"/proc/{said()[0]}").exists()


# Environments.


@pytest.mark.parametrize("file", ENVIRONMENTS)
def test_the_values_of_an_environment_fit_the_schema(file):
    schema = json.loads(
        (CHECKOUT / "charts" / ENVIRONMENTS[file] / "values.schema.json").read_text()
    )
    validator = jsonschema_rs.Draft7Validator(schema)
    assert [error.message for error in validator.iter_errors(load(CHECKOUT / file))] == []


def test_every_values_file_for_our_charts_is_known_here():
    others = {"cluster.yaml", "traefik.yaml", "storage-class.yaml"}
    others |= {"load-balancer-controller.yaml", "external-dns.yaml"}
    found = {path for path in CHECKOUT.glob("k8s/*/*.yaml") if path.name not in others}
    assert {str(path.relative_to(CHECKOUT)) for path in found} == set(ENVIRONMENTS)


def test_kind_hands_the_ports_of_the_ingress_controller_on():
    mappings = load(CHECKOUT / "k8s/kind/cluster.yaml")["nodes"][0]["extraPortMappings"]
    ports = load(CHECKOUT / "k8s/kind/traefik.yaml")["ports"]
    assert {one["containerPort"] for one in mappings} == {
        port["hostPort"] for port in ports.values()
    }


# AWS.


@pytest.fixture(scope="module")
def page():
    return (CHECKOUT / "k8s/eks/README.md").read_text()


@pytest.mark.parametrize("stack", STACKS, ids=lambda path: path.stem)
def test_cfn_lint_finds_nothing_in_a_stack(stack):
    assert [str(match) for match in cfnlint.lint_file(stack)] == []


def resource_types():
    resources = re.compile(r"^    Type: (AWS::\w+::\w+)$", re.MULTILINE)
    parts = [path.read_text().partition("\nResources:\n")[2] for path in STACKS]
    return {kind for part in parts for kind in resources.findall(part)}


def test_the_page_says_what_could_not_be_tried(page):
    unknown = resource_types() - set(get_model_map())
    assert unknown
    assert unknown == set(re.findall(r"`(AWS::\w+::\w+)`", page))


# Of types that it does not know, moto warns; the page lists them.
without_unknown_types = pytest.mark.filterwarnings("ignore:Tried to parse:UserWarning")


@pytest.fixture
def account(monkeypatch):
    """An empty account; gives what makes a stack there and returns its outputs."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")

    def create(stack, **parameters):
        client = boto3.client("cloudformation")
        client.create_stack(
            StackName=stack,
            TemplateBody=(CHECKOUT / f"k8s/eks/stacks/{stack}.yaml").read_text(),
            Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in parameters.items()],
            Capabilities=["CAPABILITY_IAM"],
        )
        made = client.describe_stacks(StackName=stack)["Stacks"][0]
        assert made["StackStatus"] == "CREATE_COMPLETE"
        return {one["OutputKey"]: one["OutputValue"] for one in made["Outputs"]}

    with mock_aws():
        yield create


@without_unknown_types
def test_the_buckets_are_encrypted(account):
    outputs, s3 = account("storage"), boto3.client("s3")
    for name in ("ModelStore", "BackupStore"):
        bucket = outputs[name].split("/")[2]
        assert s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]
        s3.put_object(Bucket=bucket, Key="models/one.mar", Body=b"archive")


def test_no_bucket_can_be_made_public_and_no_database_be_deleted_by_mistake():
    # Of these, and of which group the database is in, moto takes no note.
    buckets, database = (
        (CHECKOUT / f"k8s/eks/stacks/{stack}.yaml").read_text() for stack in ("storage", "database")
    )
    for setting in (
        "VersioningConfiguration: {Status: Enabled}",
        "BlockPublicAcls: true",
        "BlockPublicPolicy: true",
        "IgnorePublicAcls: true",
        "RestrictPublicBuckets: true",
    ):
        assert buckets.count(setting) == buckets.count("Type: AWS::S3::Bucket\n") == 2
    assert "DeletionProtection: true" in database
    assert "VPCSecurityGroups: [!GetAtt Door.GroupId]" in database


def actions(arn):
    iam = boto3.client("iam")
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    document = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    listed = [statement["Action"] for statement in document["Statement"]]
    return {one for some in listed for one in ([some] if isinstance(some, str) else some)}


@without_unknown_types
def test_model_servers_may_read_models_and_training_may_not_delete_any(account):
    outputs = account("storage")
    assert actions(outputs["ModelsRead"]) == {"s3:ListBucket", "s3:GetObject"}
    assert "s3:PutObject" in actions(outputs["ModelsWrite"])
    assert "s3:DeleteObject" not in actions(outputs["ModelsWrite"])
    assert "s3:DeleteObject" in actions(outputs["BackupsWrite"])


@without_unknown_types
def test_only_the_cluster_reaches_the_database(account):
    ec2 = boto3.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.42.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=cidr, AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for cidr, zone in (("10.42.0.0/24", "eu-central-1a"), ("10.42.1.0/24", "eu-central-1b"))
    ]
    clients = ec2.create_security_group(GroupName="nodes", Description="nodes", VpcId=vpc)
    outputs = account("database", Vpc=vpc, Subnets=",".join(subnets), Clients=clients["GroupId"])
    made = boto3.client("rds").describe_db_instances()["DBInstances"][0]
    assert made["Endpoint"] == {"Address": outputs["Host"], "Port": 5432}
    assert made["StorageEncrypted"]
    assert not made["PubliclyAccessible"]
    named = {"Name": "group-name", "Values": ["database-Door-*"]}
    rules = ec2.describe_security_groups(Filters=[named])["SecurityGroups"][0]["IpPermissions"]
    assert [(one["FromPort"], one["ToPort"], one["IpRanges"]) for one in rules] == [
        (5432, 5432, [])
    ]
    assert [one["GroupId"] for one in rules[0]["UserIdGroupPairs"]] == [clients["GroupId"]]


def test_every_image_has_a_registry(account):
    account("images")
    made = {
        one["repositoryName"] for one in boto3.client("ecr").describe_repositories()["repositories"]
    }
    assert made == {f"candor/{path.parent.name.replace('_', '-')}" for path in DOCKERFILES}


@without_unknown_types
def test_only_the_environment_production_of_one_repository_may_deploy(account):
    arn = account("deployment", Repository="someone/candor")["Role"]
    role = boto3.client("iam").get_role(RoleName=arn.rpartition("/")[2])["Role"]
    statement = role["AssumeRolePolicyDocument"]["Statement"][0]
    assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
    asked = statement["Condition"]["StringEquals"]["token.actions.githubusercontent.com:sub"]
    assert asked == "repo:someone/candor:environment:production"


# The page that leads from an empty account to the product's address.


def commands(page):
    return "\n".join(re.findall(r"```sh\n(.*?)```", page, re.DOTALL))


def test_the_page_sets_every_variable_before_it_is_used(page):
    text = commands(page)
    for used in re.finditer(r"\$\{?([A-Z][A-Z_]+)", text):
        assert re.search(rf"\b{used[1]}=", text[: used.start()]), used[1]


def test_the_page_exports_what_the_cluster_is_filled_in_with(page):
    wanted = set(re.findall(r"\$\{(\w+)\}", (CHECKOUT / "k8s/eks/cluster.yaml").read_text()))
    exported = set(re.findall(r"^export (\w+)=", commands(page), re.MULTILINE))
    assert wanted <= exported


def test_every_file_in_a_command_of_the_pages_is_there():
    for name in ("k8s/README.md", "k8s/eks/README.md", "docs/upgrading.md"):
        text = commands((CHECKOUT / name).read_text())
        files = re.findall(r"(?<![\w/.-])((?:k8s|charts|tests)/[\w/.-]*\w)", text)
        assert files or name == "docs/upgrading.md"
        assert [file for file in files if not (CHECKOUT / file).exists()] == []


def test_the_table_of_costs_adds_up(page):
    rows = re.findall(r"^\| [^|]+ \| [^|]+ \| ([\d.]+) \|$", page, re.MULTILINE)
    total = re.search(r"^\| \*\*together\*\* \| \| \*\*([\d.]+)\*\* \|$", page, re.MULTILINE)[1]
    assert len(rows) > 8
    assert sum(map(float, rows)) == pytest.approx(float(total), abs=0.005)
