# SPDX-License-Identifier: Apache-2.0
"""Says no as AWS does: each service in its own protocol."""

import json
from dataclasses import dataclass
from typing import assert_never
from xml.sax.saxutils import escape

from local.aws.calls import Call, Protocol

# Where a code has another status than 400.
_STATUS = {
    "AccessDenied": 403,
    "AccessDeniedException": 403,
    "DBInstanceNotFound": 404,
    "InternalFailure": 500,
    "InternalServerError": 500,
    "NoSuchEntity": 404,
    "RequestLimitExceeded": 503,
    "ResourceInUseException": 409,
    "ResourceNotFoundException": 404,
    "ServerException": 500,
    "ServiceFailure": 500,
    "ServiceUnavailable": 503,
    "SlowDown": 503,
    "ThrottlingException": 429,
}
REQUEST_ID = "x-amzn-requestid"
_NAMESPACE = {
    "iam": "https://iam.amazonaws.com/doc/2010-05-08/",
    "rds": "http://rds.amazonaws.com/doc/2014-10-31/",
    "sts": "https://sts.amazonaws.com/doc/2011-06-15/",
}


@dataclass(frozen=True)
class Refusal:
    """An answer that is an error."""

    code: str
    message: str
    status: int = 0  # 0: the code's own

    @property
    def http_status(self) -> int:
        """The status to answer with."""
        return self.status or _STATUS.get(self.code, 400)


@dataclass(frozen=True)
class Answer:
    """What goes back over the wire."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    error: str = ""

    @property
    def request_id(self) -> str:
        """The id under which the caller knows it."""
        return next((value for name, value in self.headers if name.lower() == REQUEST_ID), "")


NONE = Answer(0, (), b"")


def answer(call: Call, refusal: Refusal, request_id: str) -> Answer:
    """Return a refusal in the protocol of the call."""
    kind, body = _words(call, refusal, request_id)
    headers = (
        ("Content-Type", kind),
        ("x-amzn-ErrorType", refusal.code),
        (REQUEST_ID, request_id),
    )
    return Answer(refusal.http_status, headers, body.encode(), refusal.code)


def _words(call: Call, refusal: Refusal, request_id: str) -> tuple[str, str]:
    code, message = escape(refusal.code), escape(refusal.message)
    match call.protocol:
        case Protocol.JSON | Protocol.REST_JSON:
            body = json.dumps({"__type": refusal.code, "message": refusal.message})
            return "application/json", body
        case Protocol.QUERY:
            blame = "Sender" if refusal.http_status < 500 else "Receiver"  # noqa: PLR2004
            return "text/xml", (
                f'<ErrorResponse xmlns="{_NAMESPACE.get(call.service, "")}"><Error>'
                f"<Type>{blame}</Type><Code>{code}</Code><Message>{message}</Message></Error>"
                f"<RequestId>{request_id}</RequestId></ErrorResponse>"
            )
        case Protocol.EC2:
            return "text/xml", (
                f"<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error>"
                f"</Errors><RequestID>{request_id}</RequestID></Response>"
            )
        case Protocol.S3:
            return "application/xml", (
                f"<Error><Code>{code}</Code><Message>{message}</Message>"
                f"<RequestId>{request_id}</RequestId></Error>"
            )
        case _:
            assert_never(call.protocol)
