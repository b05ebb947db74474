"""Writing a posterior: one small Parquet file, with what it is a posterior of in its metadata."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from ipsc_race_lab.design.posterior import Posterior
from ipsc_race_lab.design.reading.posterior import FACTS
from ipsc_race_lab.results.files import whole_file

ARRAYS = ("runs", "counts", "levels")


def write_posterior(path: Path, of: Posterior) -> None:
    """Write a posterior, whole or not at all. Raises OSError."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    facts = {name: value for name, value in vars(of).items() if name not in (*ARRAYS, "factors")}
    distributions = [{"path": factor.name, **asdict(factor.distribution)} for factor in of.factors]
    table = pa.table({
        "run": of.runs,
        "count": of.counts,
        "levels": pa.array([row.tobytes() for row in of.levels], pa.binary()),
    })  # fmt: skip
    table = table.replace_schema_metadata({FACTS: json.dumps({**facts, "factors": distributions}, sort_keys=True)})
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd", use_dictionary=False, write_statistics=False)
    with whole_file(path) as file:
        file.write(sink.getvalue())
