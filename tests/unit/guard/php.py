# SPDX-License-Identifier: Apache-2.0
"""Calls the guard's functions in a bare PHP, many at a time."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

WORDPRESS = Path(__file__).resolve().parents[3] / "wordpress"
GUARD = WORDPRESS / "guard"
# hooks.php brings all that hooks call; none of it runs anything when it is read.
PARTS = (
    "state.php",
    "request.php",
    "gate.php",
    "answers.php",
    "gate-page.php",
    "hooks.php",
    "copy.php",
)
STATE = """
function a_state(array $live = [], array $env = []): State {
    return State::from($env + [
        'WPCLONE_CLONE_UID' => 'uid-1', 'WPCLONE_CLONE_NAME' => 'acme',
        'WPCLONE_TARGET_URL' => 'https://acme.clones.test', 'WPCLONE_GATE_KEY' => 'key',
    ], json_encode($live + ['access' => 'Link']));
}
function a_request(array $parts = []): Request {
    return new Request(...($parts + [
        'method' => 'GET', 'path' => '/', 'query' => '', 'script' => '/index.php', 'cookies' => [],
    ]));
}
"""


def missing() -> str | None:
    """Say what is missing to run PHP here, or None if nothing is."""
    return None if shutil.which("php") else "php is not installed (Debian: php-cli)"


def call(expression: str, cases: Sequence[Any]) -> list[Any]:
    """Evaluate an expression over $case for each case, in one process."""
    required = "".join(f"require '{GUARD}/{part}';" for part in PARTS)
    code = f"""namespace WPClone\\Guard; error_reporting(E_ALL); {required} {STATE}
        set_error_handler(static function (int $n, string $text) {{ throw new \\Error($text); }});
        $out = [];
        $cases = json_decode(stream_get_contents(STDIN), true);
        foreach ($cases as $case) {{ $out[] = {expression}; }}
        echo json_encode($out);"""
    done = subprocess.run(
        ["php", "-n", "-r", code],
        input=json.dumps(list(cases)),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    answers: list[Any] = json.loads(done.stdout)
    return answers
