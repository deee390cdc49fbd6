# SPDX-License-Identifier: Apache-2.0
"""Is the part of EKS that moto has not: which service account may act in which role."""

import json
import secrets
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from local.aws.calls import Call
from local.aws.errors import REQUEST_ID, Answer, Refusal, answer

_LETTERS = string.ascii_lowercase + string.digits
_OURS = ":podidentityassociation/"
_Handler = Callable[[Call, dict[str, Any], float], dict[str, Any]]


class _Refused(Exception):  # noqa: N818  an answer, not a failure of ours
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.refusal = Refusal(code, message)


@dataclass
class PodIdentities:
    """The associations of all clusters."""

    account: str
    clusters: Callable[[str], list[str]]  # the names of the clusters in a region
    associations: dict[str, dict[str, Any]] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)  # of the requests that made them

    def answer(
        self, call: Call, body: bytes, query: Mapping[str, str], now: float, request_id: str
    ) -> Answer | None:
        """Answer a call that concerns associations; None: it is for somebody else."""
        handlers = self._tagging if _OURS in call.parameters.get("resourceArn", "") else self._life
        handler = handlers.get(call.action)
        if handler is None:
            return None
        given = json.loads(body or b"{}")
        asked = {**given, **query, **call.parameters, "tags": given.get("tags", {})}
        try:
            done = handler(call, asked, now)
        except _Refused as no:
            return answer(call, no.refusal, request_id)
        headers = (("Content-Type", "application/json"), (REQUEST_ID, request_id))
        return Answer(200, headers, json.dumps(done).encode())

    @property
    def _life(self) -> dict[str, _Handler]:
        return {
            "CreatePodIdentityAssociation": self._create,
            "DeletePodIdentityAssociation": self._delete,
            "DescribePodIdentityAssociation": self._describe,
            "ListPodIdentityAssociations": self._list,
            "UpdatePodIdentityAssociation": self._update,
        }

    @property
    def _tagging(self) -> dict[str, _Handler]:
        return {
            "ListTagsForResource": self._tags,
            "TagResource": self._tag,
            "UntagResource": self._untag,
        }

    def _create(self, call: Call, asked: dict[str, Any], now: float) -> dict[str, Any]:
        cluster = self._cluster(call, asked["name"])
        for member in ("namespace", "serviceAccount", "roleArn"):
            if not asked.get(member):
                raise _Refused("InvalidParameterException", f"{member} is required")
        place = (cluster, asked["namespace"], asked["serviceAccount"])
        token = asked.get("clientRequestToken")
        for each in self.associations.values():
            if place != _place(each):
                continue
            if token and self.tokens.get(each["associationId"]) == token:
                return {"association": each}  # the same request again: its answer was lost
            message = "Association already exists: a service account has at most one per cluster"
            raise _Refused("ResourceInUseException", message)
        key = "a-" + "".join(secrets.choice(_LETTERS) for _ in range(17))
        arn = f"arn:aws:eks:{call.region}:{self.account}{_OURS}{cluster}/{key}"
        made = {
            "clusterName": cluster,
            "namespace": asked["namespace"],
            "serviceAccount": asked["serviceAccount"],
            "roleArn": asked["roleArn"],
            "associationArn": arn,
            "associationId": key,
            "tags": asked["tags"],
            "policy": asked.get("policy"),
            "createdAt": now,
            "modifiedAt": now,
            "disableSessionTags": asked.get("disableSessionTags") in (True, "true"),
        }
        if asked.get("targetRoleArn"):
            made |= {"targetRoleArn": asked["targetRoleArn"], "externalId": secrets.token_hex(12)}
        self.associations[key], self.tokens[key] = made, str(token)
        return {"association": made}

    def _list(self, call: Call, asked: dict[str, Any], _now: float) -> dict[str, Any]:
        cluster = self._cluster(call, asked["name"])
        members = ("clusterName", "namespace", "serviceAccount", "associationArn", "associationId")
        return {
            "associations": [
                {member: each[member] for member in members}
                for each in self.associations.values()
                if each["clusterName"] == cluster
                and asked.get("namespace") in (None, each["namespace"])
                and asked.get("serviceAccount") in (None, each["serviceAccount"])
            ]
        }

    def _describe(self, call: Call, asked: dict[str, Any], _now: float) -> dict[str, Any]:
        return {"association": self._one(call, asked)}

    def _update(self, call: Call, asked: dict[str, Any], now: float) -> dict[str, Any]:
        found = self._one(call, asked)
        for member in ("roleArn", "targetRoleArn"):
            if asked.get(member):
                found[member] = asked[member]
        if "disableSessionTags" in asked:
            found["disableSessionTags"] = asked["disableSessionTags"] in (True, "true")
        found["modifiedAt"] = now
        return {"association": found}

    def _delete(self, call: Call, asked: dict[str, Any], _now: float) -> dict[str, Any]:
        found = self._one(call, asked)
        del self.associations[found["associationId"]]
        return {"association": found}

    def _tag(self, _call: Call, asked: dict[str, Any], _now: float) -> dict[str, Any]:
        found = self._by_arn(asked["resourceArn"])
        found["tags"] = {**found["tags"], **asked["tags"]}
        return {}

    def _untag(self, _call: Call, asked: dict[str, Any], _now: float) -> dict[str, Any]:
        found = self._by_arn(asked["resourceArn"])
        keys = asked.get("tagKeys", [])
        gone = {keys} if isinstance(keys, str) else set(keys)
        found["tags"] = {key: value for key, value in found["tags"].items() if key not in gone}
        return {}

    def _tags(self, _call: Call, asked: dict[str, Any], _now: float) -> dict[str, Any]:
        return {"tags": self._by_arn(asked["resourceArn"])["tags"]}

    def _cluster(self, call: Call, name: str) -> str:
        if name not in self.clusters(call.region):
            raise _Refused("ResourceNotFoundException", f"No cluster found for name: {name}.")
        return name

    def _one(self, call: Call, asked: dict[str, Any]) -> dict[str, Any]:
        cluster = self._cluster(call, asked["name"])
        found = self.associations.get(asked["associationId"])
        if found is None or found["clusterName"] != cluster:
            message = f"No association found for associationId: {asked['associationId']}."
            raise _Refused("ResourceNotFoundException", message)
        return found

    def _by_arn(self, arn: str) -> dict[str, Any]:
        for each in self.associations.values():
            if each["associationArn"] == arn:
                return each
        raise _Refused("NotFoundException", f"No association found for {arn}.")


def _place(association: Mapping[str, Any]) -> tuple[str, str, str]:
    return association["clusterName"], association["namespace"], association["serviceAccount"]
