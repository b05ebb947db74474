"""The JSON Schema of an experiment file, from its models, so that editors complete and check.

`python -m ipsc_race_lab.design.schema` writes it beside the experiments.
"""

from __future__ import annotations

import json
from typing import Any

from ipsc_race_lab.design.reading.file import ExperimentFile
from ipsc_race_lab.design.shipped import experiment_folder

FILE = "experiment.schema.json"


def file_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of an experiment file."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Experiment of ipsc-race"}
    either = {"oneOf": [{"required": ["scenario"]}, {"required": ["scenarios"]}]}
    return {**ExperimentFile.model_json_schema(), **head, **either}


def schema_text() -> str:
    """The text of the schema file."""
    return json.dumps(file_schema(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    (experiment_folder() / FILE).write_text(schema_text(), encoding="utf-8")
