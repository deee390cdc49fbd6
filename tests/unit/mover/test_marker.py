# SPDX-License-Identifier: Apache-2.0
"""What becomes of the mark on a volume that cannot be written to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from wpclone.errors import ImportFailed
from wpclone.mover.marker import Marker

if TYPE_CHECKING:
    from wpclone.mover.connection import Connection


def test_a_volume_that_takes_no_mark_is_told_as_one(tmp_path: Path) -> None:
    """The last write of an import fails with the volume's reason, like every other one."""
    (tmp_path / "state").write_text("a file where the folder should be")
    nobody = cast("Connection", None)  # marking the volume asks no database
    with pytest.raises(ImportFailed) as caught:
        Marker(nobody, tmp_path / "state", "uid").set_volume()
    assert caught.value.retryable
    assert "volume" in caught.value.message
