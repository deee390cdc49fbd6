# SPDX-License-Identifier: Apache-2.0
"""What is read from a request, and what of it may be written down."""

import json
import xml.etree.ElementTree as ET
from typing import Any
from urllib.parse import urlencode

import pytest

from local.aws import calls, errors
from local.aws.calls import Call, Protocol
from local.aws.errors import Refusal

UID = "arn:aws:eks:us-east-1:123456789012:podidentityassociation/c/a-1"


def request(service: str, method: str = "POST", path: str = "/", **more: str) -> dict[str, Any]:
    """Return a signed request as a server sees it."""
    scope = f"AKIATEST/20261129/us-east-1/{service}/aws4_request"
    proof = {"HTTP_AUTHORIZATION": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host"}
    return {"REQUEST_METHOD": method, "PATH_INFO": path, **proof, **more}


@pytest.mark.parametrize(
    ("environ", "body", "name", "parameters"),
    [
        (
            request("rds"),
            urlencode({"Action": "DeleteDBInstance", "DBInstanceIdentifier": "a"}),
            "rds:DeleteDBInstance",
            {"DBInstanceIdentifier": "a"},
        ),
        (
            request("eks", "DELETE", "/clusters/c/pod-identity-associations/a-1"),
            "",
            "eks:DeletePodIdentityAssociation",
            {"name": "c", "associationId": "a-1"},
        ),
        (
            request("eks", "GET", f"/tags/{UID}"),
            "",
            "eks:ListTagsForResource",
            {"resourceArn": UID},
        ),
        (
            request("tagging", HTTP_X_AMZ_TARGET="ResourceGroupsTaggingAPI_20170126.GetResources"),
            "{}",
            "tagging:GetResources",
            {},
        ),
        (request("s3", "PUT", "/bucket/key"), "", "s3:PUT", {"path": "/bucket/key"}),
        (
            {"REQUEST_METHOD": "POST", "PATH_INFO": "/"},
            "Action=AssumeRoleWithWebIdentity&WebIdentityToken=eyJ",
            "sts:AssumeRoleWithWebIdentity",
            {"WebIdentityToken": calls.HIDDEN},
        ),
    ],
)
def test_each_protocol_names_its_action(
    environ: dict[str, Any], body: str, name: str, parameters: dict[str, str]
) -> None:
    """Service, action and parameters are AWS' own names, whatever the protocol."""
    call = calls.read(environ, body.encode())
    assert (call.name, dict(call.parameters)) == (name, parameters)


def test_the_caller_is_known_by_its_key_also_in_a_presigned_address() -> None:
    """Header and query carry the same proof."""
    query = "X-Amz-Credential=AKIATEST%2F20261129%2Fus-east-1%2Fs3%2Faws4_request"
    signed = {"REQUEST_METHOD": "GET", "PATH_INFO": "/b/k", "QUERY_STRING": query}
    for environ in (request("s3", "GET", "/b/k"), signed):
        call = calls.read(environ, b"")
        assert (call.access_key, call.region, call.service) == ("AKIATEST", "us-east-1", "s3")


@pytest.mark.parametrize(
    ("name", "hidden"),
    [
        ("MasterUserPassword", True),
        ("TdeCredentialPassword", True),
        ("SecretString", True),
        ("SessionToken", True),
        ("ManageMasterUserPassword", False),
        ("RotateMasterUserPassword", False),
        ("clientRequestToken", False),
        ("DBInstanceIdentifier", False),
    ],
)
def test_secrets_are_hidden_and_nothing_else(name: str, hidden: bool) -> None:  # noqa: FBT001
    """A parameter that only sounds like a secret tells a test something."""
    assert (calls.without_secrets({name: "x"})[name] == calls.HIDDEN) is hidden


@pytest.mark.parametrize("protocol", Protocol)
def test_a_refusal_is_well_formed_in_every_protocol(protocol: Protocol) -> None:
    """Code, status and message survive whatever characters the message has."""
    call = Call("rds", "X", protocol)
    given = errors.answer(call, Refusal("AccessDenied", 'no <a & "b">'), "id-1")
    assert (given.status, given.error, given.request_id) == (403, "AccessDenied", "id-1")
    if protocol in {Protocol.JSON, Protocol.REST_JSON}:
        assert json.loads(given.body)["message"] == 'no <a & "b">'
    else:
        texts = [each.text for each in ET.fromstring(given.body).iter()]  # noqa: S314
        assert {"AccessDenied", 'no <a & "b">', "id-1"} <= set(texts)
