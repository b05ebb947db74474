"""Whether a result folder still holds what was written: manifest, every shard, every file for readers, value hash."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from ipsc_race.ensemble import value_hash
from ipsc_race_lab.errors import LabError
from ipsc_race_lab.results.files import file_digest, reason
from ipsc_race_lab.results.folder import COMPLETE, MANIFEST, ROWS, RUN, read_manifest
from ipsc_race_lab.results.run_folder import InOrder
from ipsc_race_lab.results.shards import Shards


class Check(NamedTuple):
    """One thing that was looked at, what was found, and whether that is as it should be."""

    what: str
    found: str
    is_whole: bool


def checks(folder: Path) -> Iterator[Check]:
    """All that can be checked of a result folder. Raises LabError where there is no result of ours."""
    manifest = read_manifest(folder)
    if manifest is None:
        raise LabError(f"{folder}: holds no result (there is no {MANIFEST})")
    yield Check(MANIFEST, f"{manifest['status']}, the result of {manifest['kind']}", True)
    shards = Shards(folder, manifest["kin"], manifest["blocs"], manifest["environment"])
    damaged = shards.look()
    yield from (Check(f"{ROWS}/{path.name}", why, False) for path, why in damaged.items())
    yield Check(ROWS, f"{len(shards.done()):,} races in {len(shards.keys()):,} shards are whole", True)
    if manifest["status"] != COMPLETE:
        return
    for name, digest in manifest["files"].items():
        yield _file(folder / name, digest)
    try:
        value_hash = _value_hash(shards, manifest)
    except LabError as error:
        yield Check("value hash", str(error), False)
        return
    same = value_hash == manifest["value_hash"]
    yield Check("value hash", value_hash if same else f"{value_hash}; the manifest says {manifest['value_hash']}", same)


def _file(path: Path, digest: str) -> Check:
    try:
        same = file_digest(path) == digest
    except OSError as error:
        return Check(path.name, f"cannot be read: {reason(error)}", False)
    return Check(path.name, "whole" if same else "is not what was written", same)


def _value_hash(shards: Shards, manifest: dict[str, Any]) -> str:
    """The value hash of the rows that are there."""
    if manifest["kind"] == RUN:
        return value_hash(race.digest for race in InOrder(shards, manifest["runs"]).take())
    return shards.value_hash()
