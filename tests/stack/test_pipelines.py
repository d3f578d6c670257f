"""The ways to deploy without a person's keys: GitHub Actions, CodePipeline, and CloudFormation's own role."""

from __future__ import annotations

import io
import json
import re
import types
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

if TYPE_CHECKING:
    from tests.stack.template import Template

WORKFLOWS = Path(__file__).parents[2] / ".github" / "workflows"
TYPES_OF_SERVICES = {
    "ApiGateway": "apigateway",
    "ApiGatewayV2": "apigateway",
    "Budgets": "budgets",
    "CloudFormation": "cloudformation",
    "CloudFront": "cloudfront",
    "CodeDeploy": "codedeploy",
    "CloudWatch": "cloudwatch",
    "Cognito": "cognito-idp",
    "DynamoDB": "dynamodb",
    "Events": "events",
    "IAM": "iam",
    "KMS": "kms",
    "Lambda": "lambda",
    "Logs": "logs",
    "Route53": "route53",
    "S3": "s3",
    "SNS": "sns",
    "SQS": "sqs",
    "SSM": "ssm",
    "Scheduler": "scheduler",
    "SecretsManager": "secretsmanager",
    "CertificateManager": "acm",
    "Synthetics": "synthetics",
    "ApplicationAutoScaling": "application-autoscaling",
    "WAFv2": "wafv2",
}
"""IAM's name of the service that makes a type of CloudFormation's."""


def statements(role: dict[str, Any]) -> list[dict[str, Any]]:
    """What a role's own policies say."""
    policies = role["Properties"]["Policies"]
    return [each for policy in policies for each in policy["PolicyDocument"]["Statement"]]


def test_templates_that_stand_alone_describe_and_bound_what_they_ask_for(alone: dict[str, Template]) -> None:
    """As those of the stack do."""
    assert alone.keys() == {"deployer", "github", "pipeline"}
    for template in alone.values():
        for name, declared in template.parameters.items():
            assert declared.get("Description"), name
            assert {"AllowedValues", "AllowedPattern"} & declared.keys(), name


def test_deployer_may_make_every_type_of_the_stack(
    alone: dict[str, Template], templates: dict[str, Template]
) -> None:
    """A service that a template begins to use is one that CloudFormation's role must be allowed."""
    allowed = {
        action.partition(":")[0]
        for statement in statements(alone["deployer"].resources["ExecutionRole"])
        if statement["Effect"] == "Allow"
        for action in statement["Action"]
    }
    kinds = {resource["Type"] for template in templates.values() for resource in template.resources.values()}
    services = {kind.split("::")[1] for kind in kinds if kind.startswith("AWS::")}
    assert {TYPES_OF_SERVICES[service] for service in services} <= allowed


def test_deployer_cannot_widen_itself(alone: dict[str, Template]) -> None:
    """It makes roles, so it is kept from changing its own, and only CloudFormation may be it."""
    role = alone["deployer"].resources["ExecutionRole"]
    (trust,) = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "cloudformation.amazonaws.com"}
    (denied,) = [each for each in statements(role) if each["Effect"] == "Deny"]
    assert denied["Action"] == "iam:*"
    assert denied["Resource"]["Fn::Sub"].endswith(":role/${NamePrefix}-deployer-*")
    assert role["Properties"]["RoleName"]["Fn::Sub"].startswith("${NamePrefix}-deployer-")


@pytest.mark.parametrize(("role", "environment"), [("StagingRole", "staging"), ("ProdRole", "prod")])
def test_github_gets_a_role_for_the_one_environment_alone(
    alone: dict[str, Template], role: str, environment: str
) -> None:
    """A token of another repository or environment opens nothing; what the role may touch is its own."""
    resources = alone["github"].resources
    (trust,) = resources[role]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    issuer = "token.actions.githubusercontent.com"
    assert trust["Condition"] == {
        "StringEquals": {
            f"{issuer}:aud": "sts.amazonaws.com",
            f"{issuer}:sub": {"Fn::Sub": f"repo:${{Repository}}:environment:{environment}"},
        }
    }
    (policy,) = resources[role]["Properties"]["ManagedPolicyArns"]
    document = json.dumps(resources[policy["Ref"]]["Properties"]["PolicyDocument"])
    other = {"staging": "-prod", "prod": "-staging"}[environment]
    assert other not in document
    actions = re.findall(r'"(\w[\w-]*:\*?\w*)"', document)
    assert "iam:PassRole" in actions
    assert not [each for each in actions if each.endswith(":*") or each.startswith("iam:Put")]


def test_workflow_deploys_prod_after_staging_after_tests_without_a_stored_key() -> None:
    """Each job's environment decides who approves; credentials come by OpenID Connect."""
    text = (WORKFLOWS / "deploy.yml").read_text()
    jobs = yaml.safe_load(text)["jobs"]
    assert jobs["staging"]["needs"] == "test"
    assert jobs["prod"]["needs"] == "staging"
    for environment in ("staging", "prod"):
        assert jobs[environment]["environment"] == environment
        assert jobs[environment]["permissions"]["id-token"] == "write"
    assert "secrets." not in text
    assert "permissions" not in jobs["test"]  # which reads the repository and no more


def test_workflow_that_deploys_pins_what_it_runs() -> None:
    """An action is named by its commit: a tag can be moved to other code."""
    uses = re.findall(r"uses: (\S+)", (WORKFLOWS / "deploy.yml").read_text())
    assert uses
    assert [each for each in uses if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", each)] == []


@dataclass
class FakeAws:
    """S3 with the source, Systems Manager with what was deployed last, and the pipeline that waits."""

    files: dict[str, str]
    deployed: str = "{}"
    answers: list[dict[str, Any]] = field(default_factory=list)

    def client(self, service: str, **_credentials: str) -> FakeAws:
        """Be any of the services."""
        assert service in {"s3", "ssm", "codepipeline"}
        return self

    def get_object(self, Bucket: str, Key: str) -> dict[str, io.BytesIO]:  # noqa: N803
        """Give the source as a zip."""
        assert (Bucket, Key) == ("artifacts", "source.zip")
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as opened:
            for name, text in self.files.items():
                opened.writestr(name, text)
        return {"Body": io.BytesIO(packed.getvalue())}

    def get_parameter(self, Name: str) -> dict[str, dict[str, str]]:  # noqa: N803
        """Give what was deployed last."""
        assert Name == "/parley-pipeline/deployed"
        return {"Parameter": {"Value": self.deployed}}

    def put_parameter(self, Name: str, Value: str, Overwrite: bool) -> None:  # noqa: N803
        """Remember what is deployed."""
        assert Name == "/parley-pipeline/deployed"
        assert Overwrite
        self.deployed = Value

    def put_job_success_result(self, **answer: Any) -> None:
        """Go on."""
        self.answers.append(answer)

    def put_job_failure_result(self, **answer: Any) -> None:
        """Stop."""
        self.answers.append(answer)


@pytest.fixture
def run(alone: dict[str, Template], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run the pipeline's function, as the template has it, with an AWS in the SDK's place."""
    monkeypatch.setenv("DEPLOYED", "/parley-pipeline/deployed")
    code = alone["pipeline"].resources["Choose"]["Properties"]["Code"]["ZipFile"]
    assert len(code) < 4_096  # what CloudFormation takes in a template

    def invoke(aws: FakeAws, what: str) -> dict[str, Any]:
        monkeypatch.setitem(__import__("sys").modules, "boto3", aws)
        function = types.ModuleType("index")
        exec(code, function.__dict__)  # noqa: S102 - the template's own
        place = {"location": {"s3Location": {"bucketName": "artifacts", "objectKey": "source.zip"}}}
        keys = {"accessKeyId": "a", "secretAccessKey": "b", "sessionToken": "c"}
        asked = {"configuration": {"FunctionName": "choose", "UserParameters": what}}
        data = {"inputArtifacts": [place], "artifactCredentials": keys, "actionConfiguration": asked}
        function.handler({"CodePipeline.job": {"id": "job", "data": data}}, None)
        return aws.answers[-1]

    return invoke


def test_pipeline_deploys_all_the_first_time_and_nothing_that_is_as_it_was(run: Any) -> None:
    """What is remembered is what was pushed, once it is deployed."""
    aws = FakeAws({"handlers/sync.py": "1", "frontend/main.ts": "1", "README.md": "1"})
    assert run(aws, "choose") == {"jobId": "job", "outputVariables": {"Backend": "yes", "Frontend": "yes"}}
    run(aws, "remember")
    aws.files["README.md"] = "2"
    assert run(aws, "choose")["outputVariables"] == {"Backend": "no", "Frontend": "no"}


@pytest.mark.parametrize(
    ("path", "backend", "frontend"),
    [
        ("handlers/sync.py", "yes", "no"),
        ("handlers/new.py", "yes", "no"),
        ("stack/root.yaml", "yes", "no"),
        ("frontend/main.ts", "no", "yes"),
        ("harness/publish.py", "yes", "yes"),
        ("docs/protocol.md", "no", "no"),
    ],
)
def test_pipeline_chooses_by_the_paths_that_changed(
    run: Any,
    path: str,
    backend: str,
    frontend: str,
) -> None:
    """A file of the handlers is the backend's, one of frontend/ the web client's, the harness both's."""
    aws = FakeAws({"handlers/sync.py": "1", "frontend/main.ts": "1"})
    run(aws, "remember")
    aws.files[path] = "2"
    assert run(aws, "choose")["outputVariables"] == {"Backend": backend, "Frontend": frontend}


def test_pipeline_whose_function_fails_stops_with_the_reason(run: Any) -> None:
    """Nobody waits an hour for an answer that does not come."""
    answer = run(FakeAws({}, deployed="not JSON"), "choose")
    assert "JSONDecodeError" in answer["failureDetails"]["message"]


def test_pipeline_skips_the_stages_of_what_did_not_change(alone: dict[str, Template]) -> None:
    """Each stage of a part has the condition of that part; a person stands before prod."""
    stages = alone["pipeline"].resources["Pipeline"]["Properties"]["Stages"]
    conditions = {
        stage["Name"]: condition["Rules"][0]["Configuration"]["Variable"]
        for stage in stages
        for condition in stage.get("BeforeEntry", {}).get("Conditions", [])
        if condition["Result"] == "SKIP"
    }
    assert conditions == {
        "StagingBackend": "#{Changed.Backend}",
        "StagingSite": "#{Changed.Frontend}",
        "ProdBackend": "#{Changed.Backend}",
        "ProdSite": "#{Changed.Frontend}",
    }
    names = [stage["Name"] for stage in stages]
    assert names.index("StagingSite") < names.index("Approval") < names.index("ProdBackend")
