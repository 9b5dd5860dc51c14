"""The chart: linted and rendered by Helm itself, checked against Kubernetes' schemas, and strict about its values."""

from __future__ import annotations

import copy
import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import yaml

import treering
from treering.settings import Settings

Program = Callable[..., subprocess.CompletedProcess[str]]
Render = Callable[..., list[dict[str, Any]]]

CHART = Path(__file__).parents[3] / "deploy" / "helm" / "treering"
VERSIONS = ("1.27", kubernetes_validate.latest_version())
"""Oldest that the chart allows, and newest whose schema is there."""

EVERYTHING = (
    "qdrant.url=http://qdrant:6333",
    "qdrant.existingSecret=qdrant",
    "modelKeys.existingSecret=keys",
    "encryption.existingSecret=sealing",
    "settings.model=openai:gpt-4.1-mini",
    "settings.idle_minutes=20",
    "api.autoscaling.enabled=true",
    "image.pullSecrets[0].name=registry",
    "extraEnv[0].name=HTTPS_PROXY",
    "extraEnv[0].value=http://proxy:3128",
    "worker.nodeSelector.disk=fast",
    "worker.tolerations[0].key=spot",
    "worker.podAnnotations.team=memory",
    "beat.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].key=a",
    "beat.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].operator=Exists",
    "networkPolicy.apiFrom[0].podSelector.matchLabels.app=chat",
    "networkPolicy.metricsFrom[0].namespaceSelector.matchLabels.name=monitoring",
    "networkPolicy.egress[0].to[0].ipBlock.cidr=10.0.0.0/8",
    "serviceAccount.annotations.role=x",
)
INSTALLATIONS = {
    "default": (),
    "everything": EVERYTHING,
    "workers-only": ("api.enabled=false", "migrate.enabled=false", "networkPolicy.enabled=false"),
    "keda-postgresql": ("worker.autoscaling.mode=keda-postgresql", "worker.autoscaling.minReplicas=0"),
    "keda-prometheus": (
        "worker.autoscaling.mode=keda-prometheus",
        "worker.autoscaling.prometheusServer=http://prometheus:9090",
    ),
    "hpa-external": ("worker.autoscaling.mode=hpa-external",),
}
GIVEN_OTHERWISE = {
    "broker_url",
    "cache_dir",
    "database_url",
    "home",
    "keys_url",
    "log_key",
    "master_key",
    "master_key_file",
    "qdrant_api_key",
    "qdrant_url",
    "upstream_key",
}
"""Settings that Secrets or the image give; `log_key` and `upstream_key` by `extraEnv`."""


def pods(manifests: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    for manifest in manifests:
        if manifest["kind"] in ("Deployment", "Job"):
            yield manifest["metadata"]["name"], manifest["spec"]["template"]["spec"]
        elif manifest["kind"] == "Pod":
            yield manifest["metadata"]["name"], manifest["spec"]


def one(manifests: list[dict[str, Any]], kind: str, name: str) -> dict[str, Any]:
    [found] = [m for m in manifests if m["kind"] == kind and m["metadata"]["name"] == name]
    return found


def test_helm_finds_nothing_to_complain_of(run: Program) -> None:
    done = run("helm", "lint", "--strict", CHART)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("values", INSTALLATIONS.values(), ids=INSTALLATIONS)
def test_kubernetes_knows_everything_that_is_rendered(values: tuple[str, ...], version: str, render: Render) -> None:
    manifests = render(*values)
    named = [(m["kind"], m["metadata"]["name"]) for m in manifests]
    assert len(named) == len(set(named))
    for manifest in manifests:
        if not manifest["apiVersion"].startswith("keda.sh/"):  # whose schemas no package carries
            kubernetes_validate.validate(manifest, version, strict=True)


def test_a_wrong_manifest_would_be_seen(render: Render) -> None:
    wrong = one(render(), "Deployment", "memory-treering-worker")
    wrong["spec"]["template"]["spec"]["containers"][0]["imagePullPolice"] = "Always"
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, VERSIONS[-1], strict=True)


@pytest.mark.parametrize("values", INSTALLATIONS.values(), ids=INSTALLATIONS)
def test_every_pod_keeps_the_restricted_standard(values: tuple[str, ...], render: Render) -> None:
    for name, pod in pods(render(*values)):
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is False
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod)
        assert all(set(volume) <= {"name", "emptyDir", "secret"} for volume in pod["volumes"])
        for container in pod["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert {"requests", "limits"} <= set(container["resources"])


def test_each_process_is_started_by_its_role_and_looked_after(render: Render) -> None:
    manifests = render()
    started = {name: pod["containers"][0] for name, pod in pods(manifests)}
    assert {name: container["args"][0] for name, container in started.items()} == {
        "memory-treering-api": "api",
        "memory-treering-worker": "worker",
        "memory-treering-beat": "beat",
        "memory-treering-migrate": "migrate",
        "memory-treering-test": "python",
    }
    for role in ("worker", "beat"):
        probe = started[f"memory-treering-{role}"]["livenessProbe"]
        assert probe["exec"]["command"] == ["/opt/treering/role.sh", "health", role]
    api = started["memory-treering-api"]
    assert api["livenessProbe"]["httpGet"] == {"path": "/health/live", "port": "http"}
    assert api["readinessProbe"]["httpGet"] == {"path": "/health/ready", "port": "http"}
    beat = one(manifests, "Deployment", "memory-treering-beat")["spec"]
    assert beat["replicas"] == 1
    assert beat["strategy"] == {"type": "Recreate"}


@pytest.mark.parametrize("values", INSTALLATIONS.values(), ids=INSTALLATIONS)
def test_selectors_find_the_pods_that_they_mean(values: tuple[str, ...], render: Render) -> None:
    manifests = render(*values)
    labels = {
        m["metadata"]["name"]: m["spec"]["template"]["metadata"]["labels"]
        for m in manifests
        if m["kind"] in ("Deployment", "Job")
    }
    for manifest in manifests:
        name = manifest["metadata"]["name"]
        if manifest["kind"] == "Service":
            selector = manifest["spec"]["selector"]
        elif manifest["kind"] in ("Deployment", "PodDisruptionBudget"):
            selector = manifest["spec"]["selector"]["matchLabels"]
        else:
            continue
        assert [pod for pod, of in labels.items() if selector.items() <= of.items()] == [name]


def test_secrets_are_named_and_never_written(render: Render) -> None:
    [worker] = [pod for name, pod in pods(render(*EVERYTHING)) if name.endswith("-worker")]
    [container] = worker["containers"]
    given = {env["name"]: env.get("valueFrom", {}).get("secretKeyRef") or env["value"] for env in container["env"]}
    assert given == {
        "TREERING_DATABASE_URL": {"name": "treering-database", "key": "url"},
        "TREERING_BROKER_URL": {"name": "treering-broker", "key": "url"},
        "TREERING_QDRANT_URL": "http://qdrant:6333",
        "TREERING_QDRANT_API_KEY": {"name": "qdrant", "key": "api-key"},
        "TREERING_MASTER_KEY_FILE": "/run/treering/master-key",
        "TREERING_KEYS_URL": {"name": "sealing", "key": "keys-url"},
        "TREERING_CACHE_BYTES": "268435456",
        "TREERING_IDLE_MINUTES": "20",
        "TREERING_MODEL": "openai:gpt-4.1-mini",
        "HTTPS_PROXY": "http://proxy:3128",
    }
    assert container["envFrom"] == [{"secretRef": {"name": "keys"}}]


def test_a_large_number_stays_a_number(render: Render) -> None:
    [worker] = [pod for name, pod in pods(render("settings.claims_a_day=3000000")) if name.endswith("-worker")]
    assert {"name": "TREERING_CLAIMS_A_DAY", "value": "3000000"} in worker["containers"][0]["env"]


def test_workers_scale_on_the_age_of_the_queue(render: Render) -> None:
    manifests = render(*INSTALLATIONS["keda-postgresql"])
    name = "memory-treering-worker"
    assert "replicas" not in one(manifests, "Deployment", name)["spec"]
    scaled = one(manifests, "ScaledObject", name)["spec"]
    [trigger] = scaled["triggers"]
    assert scaled["scaleTargetRef"] == {"name": name}
    assert (scaled["minReplicaCount"], scaled["maxReplicaCount"]) == (0, 8)
    assert trigger["metadata"]["query"] == (CHART / "files" / "queue-age.sql").read_text().strip()
    assert all(isinstance(value, str) for value in trigger["metadata"].values()), "KEDA reads text alone"
    assert one(manifests, "TriggerAuthentication", name)["spec"]["secretTargetRef"] == [
        {"parameter": "connection", "name": "treering-database", "key": "url"}
    ]
    other = render("worker.autoscaling.mode=keda-postgresql", "worker.autoscaling.existingSecret=reader")
    assert one(other, "TriggerAuthentication", name)["spec"]["secretTargetRef"][0]["name"] == "reader"


def test_workers_serve_numbers_to_whom_they_should(render: Render) -> None:
    manifests = render(*EVERYTHING)
    [container] = [pod["containers"][0] for name, pod in pods(manifests) if name.endswith("-worker")]
    assert container["args"][-4::2] == ["--metrics-host", "--metrics-port"]
    assert container["args"][-1] == "9464"
    assert container["ports"] == [{"name": "metrics", "containerPort": 9464, "protocol": "TCP"}]
    [rule] = one(manifests, "NetworkPolicy", "memory-treering-worker")["spec"]["ingress"]
    assert rule["ports"] == [{"port": "metrics", "protocol": "TCP"}]
    assert rule["from"] == [{"namespaceSelector": {"matchLabels": {"name": "monitoring"}}}]
    without = render("worker.metrics.enabled=false")
    assert all("--metrics-port" not in pod["containers"][0]["args"] for _, pod in pods(without))
    assert "memory-treering-worker" not in {m["metadata"]["name"] for m in without if m["kind"] == "NetworkPolicy"}


def test_the_metric_of_the_queue_is_asked_of_this_namespace(render: Render) -> None:
    [trigger] = one(render(*INSTALLATIONS["keda-prometheus"]), "ScaledObject", "memory-treering-worker")["spec"][
        "triggers"
    ]
    assert trigger["metadata"]["query"] == 'max(treering_queue_age_seconds{namespace="people"})'


@pytest.mark.parametrize(
    "wrong",
    [
        {"worker": {"replica": 3}},
        {"worker": {"replicas": -1}},
        {"worker": {"queues": "listen,sleep"}},
        {"worker": {"autoscaling": {"mode": "keda"}}},
        {"worker": {"autoscaling": {"mode": "keda-prometheus"}}},
        {"database": {"existingSecret": ""}},
        {"database": {"url": "postgresql://treering:secret@postgres/treering"}},
        {"settings": {"idle_minute": 5}},
        {"settings": {"database_url": "postgresql://x/y"}},
        {"api": {"service": {"port": 0}}},
        {"image": {"pullPolicy": "Sometimes"}},
        {"beat": {"replicas": 2}},
        {"redis": {"enabled": True}},
    ],
    ids=str,
)
def test_values_that_mean_nothing_are_refused(wrong: dict[str, Any]) -> None:
    schema = json.loads((CHART / "values.schema.json").read_text())
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    check = jsonschema.Draft7Validator(schema)
    check.check_schema(schema)
    check.validate(values)
    assert not check.is_valid(_merged(values, wrong))


def test_helm_refuses_them_too(run: Program) -> None:
    done = run("helm", "template", "memory", CHART, "--set", "worker.replica=3")
    assert done.returncode != 0
    assert "additional properties 'replica' not allowed" in done.stderr


def test_the_schema_knows_every_setting_and_every_default() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text())
    known = set(schema["properties"]["settings"]["properties"])
    assert known == set(Settings.model_fields) - GIVEN_OTHERWISE, "name new settings in values.schema.json"
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    assert set(schema["properties"]) - {"global"} == set(values), "each value has a default to be seen"


def test_the_chart_is_of_this_version() -> None:
    assert yaml.safe_load((CHART / "Chart.yaml").read_text())["appVersion"] == treering.__version__


def _merged(values: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    merged = copy.deepcopy(values)
    for name, value in over.items():
        inner = merged.get(name)
        merged[name] = _merged(inner, value) if isinstance(inner, dict) and isinstance(value, dict) else value
    return merged
