# SPDX-License-Identifier: Apache-2.0
"""Decides which tables and files of a source belong into a clone, whatever the source offers."""

from __future__ import annotations

import re
from typing import Final

CONTENT: Final = b"wp-content"
MAX_PATH: Final = 4_000
MAX_NAME: Final = 255
# Text that a browser reads as it stands in the file, and that holds addresses of the site.
_TEXT: Final = frozenset(
    {
        *(b".css", b".js", b".mjs", b".json", b".map", b".svg", b".txt", b".vtt", b".webmanifest"),
        *(b".html", b".htm", b".xhtml", b".xml", b".xsl", b".rss", b".atom"),
    }
)
# These point to the source's caches and databases: they would break the clone or worse.
_DROP_INS: Final = frozenset(
    (b"object-cache.php", b"advanced-cache.php", b"db.php", b"sunrise.php", b"db-error.php")
)
_ROOT_FILES: Final = re.compile(
    rb"(?:robots|ads|app-ads|humans|llms|security)\.txt|favicon\.(?:ico|png|svg)"
    rb"|apple-touch-icon[a-z0-9-]*\.png|site\.webmanifest|manifest\.json|browserconfig\.xml"
    rb"|google[0-9a-f]{8,32}\.html|BingSiteAuth\.xml|pinterest-[0-9a-z]{1,20}\.html"
    rb"|yandex_[0-9a-z]{8,32}\.html|\.well-known/[A-Za-z0-9._-]{1,100}"
)
_CACHES: Final = re.compile(
    rb"wp-content/(?:cache|upgrade|upgrade-temp-backup|w3tc-config|wflogs|et-cache|litespeed"
    rb"|ai1wm-backups|updraft|backups?|backup-[^/]*|backups-dup-[^/]*|wpvividbackups|backuply"
    rb"|uploads/(?:wc-logs|wpo-cache|backupbuddy_backups|backwpup-[^/]*|ithemes-security"
    rb"|wp-migrate-db))/"
    rb"|wp-content/debug\.log$|(?:.*/)?(?:\.git|\.svn|\.hg)/|(?:.*/)?error_log$"
)
_AGENT: Final = re.compile(rb"wp-content/(?:plugins|mu-plugins)/wpclone[^/]*(?:/|$)")
# Their rows belong to visitors and machines of the live site; a clone begins them anew.
_STRUCTURE_ONLY: Final = {
    "woocommerce_sessions": "sessions of visitors",
    "actionscheduler_logs": "a log",
    "wc_download_log": "a log",
    "wc_admin_note_actions": "notices for the live shop",
    "wfhits": "a log",
    "wflogins": "a log",
    "itsec_logs": "a log",
    "redirection_404": "a log",
    "redirection_logs": "a log",
    "wpmailsmtp_debug_events": "a log",
    "wpmailsmtp_emails_log": "mails that were sent",
    "wpml_mails": "mails that were sent",
    "email_log": "mails that were sent",
}


def structure_only(table: str, prefix: str) -> str | None:
    """Return why a table's rows stay behind, or None if they come along."""
    return _STRUCTURE_ONLY.get(table.removeprefix(prefix))


def unsafe(path: bytes) -> str | None:
    """Return why a path must never be written to, or None if it is a plain relative one."""
    parts = path.split(b"/")
    if b"\0" in path or any(part in {b"", b".", b".."} for part in parts):
        return "its path leads out of the site's folder"
    if len(path) > MAX_PATH or any(len(part) > MAX_NAME for part in parts):
        return "its name is too long"
    return None


def left_out(path: bytes) -> str | None:
    """Return why a file stays behind, or None if it comes along."""
    if path.startswith(CONTENT + b"/"):
        if path.removeprefix(CONTENT + b"/") in _DROP_INS:
            return "it would connect the clone with the source's cache or database"
        if _AGENT.match(path):
            return "it is the plugin that copies"
        return "it is a cache, a log or a backup" if _CACHES.match(path) else None
    return None if _ROOT_FILES.fullmatch(path) else "it is not part of the site's content"


def is_text(path: bytes) -> bool:
    """Say whether addresses within the file shall be rewritten."""
    name = path.rsplit(b"/", 1)[-1].lower()
    return b"." in name and b"." + name.rsplit(b".", 1)[-1] in _TEXT
