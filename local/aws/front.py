# SPDX-License-Identifier: Apache-2.0
"""Stands before moto: meets each call with the mood of the day, and writes it down."""

import io
import re
import traceback
import uuid
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qsl
from wsgiref.types import StartResponse, WSGIEnvironment

from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.http import HTTP_STATUS_CODES
from werkzeug.test import run_wsgi_app

from local.aws import boundary, calls, errors
from local.aws.calls import Call, Protocol
from local.aws.cloud import Cloud, backends
from local.aws.errors import Answer, Refusal
from local.aws.moods import Effect, Mood
from local.aws.pod_identity import PodIdentities

# No client waits longer for an answer: those that hang are let go.
LONGEST_SECONDS = 900.0
_CODE = re.compile(rb"<Code>([^<]+)</Code>|\"__type\": ?\"([^\"]+)\"")
_ERROR = 400


class Handler(MotoRequestHandler):
    """Speaks HTTP; a connection that is to end without an answer really ends."""

    def connection_dropped(self, _error: Any, _environ: Any = None) -> None:
        """Let the client notice at once."""
        self.close_connection = True


class Front:
    """The whole of AWS, as one WSGI application."""

    def __init__(
        self, cloud: Cloud, identities: PodIdentities, changed: Callable[[], None]
    ) -> None:
        """Stand before this account; `changed` is called after each call that may change it."""
        self._cloud, self._identities, self._changed = cloud, identities, changed
        self._moto = DomainDispatcherApplication(create_backend_app)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, or end its connection without an answer."""
        if environ.get("PATH_INFO", "").startswith("/moto-api"):
            return self._moto(environ, start_response)  # type: ignore[no-any-return]
        body = b"" if "/s3/aws4_request" in _proof(environ) else _body(environ)
        call, request_id = calls.read(environ, body), str(uuid.uuid4())
        mood = self._cloud.moods.meet(call)
        if mood is not None and mood.delay:
            self._cloud.moods.hang(mood, mood.delay)
        done = (
            self._do(environ, call, body, request_id) if not mood or mood.effect.commits else None
        )
        given = done if mood is None else _given(mood, call, done, request_id)
        self._note(call, request_id, mood, done, given)
        if given is None:
            if mood is not None and mood.effect in {Effect.HANG, Effect.HANG_AFTER}:
                self._cloud.moods.hang(mood, LONGEST_SECONDS)
            raise ConnectionAbortedError  # the server ends the connection and says nothing
        start_response(_line(given.status), list(given.headers))
        return [given.body]

    def _do(self, environ: WSGIEnvironment, call: Call, body: bytes, request_id: str) -> Answer:
        try:
            if call.protocol is Protocol.S3:
                return self._ask_moto(environ, request_id)
            with self._cloud.lives.changed:
                return self._decide(environ, call, body, request_id)
        except Exception:  # noqa: BLE001  ours or moto's: AWS has internal failures too
            traceback.print_exc()
            refusal = Refusal("InternalFailure", "The simulator failed; its log says how.")
            return errors.answer(call, refusal, request_id)

    def _decide(self, environ: WSGIEnvironment, call: Call, body: bytes, request_id: str) -> Answer:
        roles = {
            role.name: role for store in backends("iam").values() for role in store.roles.values()
        }
        denied = boundary.refusal(call, self._cloud.settings.boundary, roles)
        if denied is not None:
            return errors.answer(call, denied, request_id)
        if call.service == "eks":
            query = dict(parse_qsl(str(environ.get("QUERY_STRING", ""))))
            now = self._cloud.clock.now()
            ours = self._identities.answer(call, body, query, now, request_id)
            if ours is not None:
                self._changed()
                return ours
        answer = self._ask_moto(environ, request_id)
        if not call.reads:
            self._changed()
        return answer

    def _ask_moto(self, environ: WSGIEnvironment, request_id: str) -> Answer:
        parts, status, headers = run_wsgi_app(self._moto, environ, buffered=True)
        body, number = b"".join(parts), int(status.split()[0])
        error = ""
        if number >= _ERROR:
            found = _CODE.search(body)
            error = (found[1] or found[2]).decode() if found else str(number)
        kept = [(name, value) for name, value in headers if name.lower() != "connection"]
        if not any(name.lower() == errors.REQUEST_ID for name, _ in kept):
            kept.append((errors.REQUEST_ID, request_id))
        return Answer(number, tuple(kept), body, error)

    def _note(
        self,
        call: Call,
        request_id: str,
        mood: Mood | None,
        done: Answer | None,
        given: Answer | None,
    ) -> None:
        self._cloud.ledger.add(
            time=self._cloud.clock.now(),
            service=call.service,
            action=call.action,
            parameters=dict(call.parameters),
            access_key=call.access_key,
            agent=call.agent,
            region=call.region,
            request_id=(given or done or errors.NONE).request_id or request_id,
            status=given.status if given else 0,
            error=given.error if given else "",
            mood=mood.name if mood else "",
            committed=done is not None and done.status < _ERROR and not call.reads,
        )


def _given(mood: Mood, call: Call, done: Answer | None, request_id: str) -> Answer | None:
    """Return what the caller gets to see in this mood."""
    if mood.effect is Effect.DELAY:
        return done
    if mood.effect not in {Effect.REFUSE, Effect.REFUSE_AFTER}:
        return None
    refused = errors.answer(call, Refusal(mood.code, mood.message, mood.status), request_id)
    if not mood.retry_after:
        return refused
    headers = (*refused.headers, ("Retry-After", str(mood.retry_after)))
    return Answer(refused.status, headers, refused.body, refused.error)


def _proof(environ: WSGIEnvironment) -> str:
    text = f"{environ.get('HTTP_AUTHORIZATION', '')}{environ.get('QUERY_STRING', '')}"
    return text.replace("%2F", "/")


def _body(environ: WSGIEnvironment) -> bytes:
    """Read a request's body and put it back for whoever reads it next."""
    body: bytes = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    return body


def _line(status: int) -> str:
    return f"{status} {HTTP_STATUS_CODES.get(status, 'Unknown')}"
