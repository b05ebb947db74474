"""What must hold of a roster, so that every programme of it can stand where it is said to stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ipsc_race.tree import within
from ipsc_race.values import Leaf, Values, plain

PROGRAMMES, DEVELOPERS = "roster.programmes", "roster.developers"
TRIALS = ("hospital_study", "phase_1", "phase_2", "phase_3")  # in order
RUNNING = (*TRIALS, "conditional")  # stages in which a trial runs
STANDING = ("hospital_review", "ind_preparation", "ind_review", "filing", "approval_review", "approved")  # and none
AFTER_A_READOUT = ("phase_3", "filing", "approval_review", "conditional", "approved")
HOSPITAL = ("hospital_review", "hospital_study")


def check_roster(values: Values) -> None:
    """Every check of the roster, each adding its problems to `values`."""
    programmes = [_Row(values, within(PROGRAMMES, name)) for name in values.rows(PROGRAMMES)]
    if programmes and values.value("evidence.attrition") == "exogenous":
        message = "is exogenous, but a roster is of programmes with evidence; expected evidence, or an empty roster"
        _complain(values, "evidence.attrition", message)
    _developers(values, programmes)
    for programme in programmes:
        for rule in (_cells, _tracks, _dates, _patients, _evidence, _routes, _partners):
            rule(values, programme)


@dataclass(frozen=True)
class _Row:
    """A row of the roster as it was written: a developer, a programme, or a campaign or readout of one."""

    values: Values
    path: str

    def value(self, name: str) -> Any:
        """A value of it, None where there is none, or a list, of which the reading of values has complained."""
        value = self.values.value(within(self.path, name))
        return None if isinstance(value, list) else value

    def rows(self, table: str) -> Iterator[_Row]:
        """The rows of one of its tables."""
        for name in self.values.rows(within(self.path, table)):
            yield _Row(self.values, within(within(self.path, table), name))


def _complain(values: Values, path: str, message: str) -> None:
    """Note a problem at the place of a value, or of the row in which it should stand."""
    leaf = values.leaves.get(path)
    if leaf is not None:
        values.complain(leaf.node.place, path, message)
    elif any(known.startswith(f"{path}.") for known in values.leaves):
        first = next(leaf for known, leaf in values.leaves.items() if known.startswith(f"{path}."))
        values.complain(first.node.place, path, message)


def _developers(values: Values, programmes: list[_Row]) -> None:
    """Each developer has a programme and a key of its own, and so has each programme among its developer's."""
    owners = {programme.value("developer") for programme in programmes}
    keyed: dict[tuple[Any, ...], str] = {}
    for name in values.rows(DEVELOPERS):
        path = within(DEVELOPERS, name)
        if name not in owners:
            _complain(values, path, "has no programme; expected one that names it under developer")
        _key(values, path, (_Row(values, path).value("draw_key"),), keyed)
    for programme in programmes:
        _key(values, programme.path, (programme.value("developer"), programme.value("draw_key")), keyed)


def _key(values: Values, path: str, key: tuple[Any, ...], keyed: dict[tuple[Any, ...], str]) -> None:
    """Two of one key would have the same luck."""
    if None not in key and key in keyed:
        message = f"is {key[-1]}, the key of {keyed[key].rpartition('.')[2]} too; expected another number"
        _complain(values, within(path, "draw_key"), message)
    keyed.setdefault(key, path)


def _cells(values: Values, programme: _Row) -> None:
    """Embryonic cells are a donor's and are not reprogrammed; others are."""
    embryonic = programme.value("cell_source") == "embryonic"
    method, modality = programme.value("method"), programme.value("modality")
    if embryonic and method is not None and method != "none":
        _complain(values, within(programme.path, "method"), f"is {method}, but its cells are embryonic; expected none")
    if not embryonic and method == "none":
        message = "is none, but its cells are reprogrammed; expected a method, or unknown"
        _complain(values, within(programme.path, "method"), message)
    if embryonic and values.value(f"modalities.{modality}.donor_cells_switch") is False:
        message = f"is {modality}, but embryonic cells are a donor's; expected a modality of donor cells"
        _complain(values, within(programme.path, "modality"), message)


def _tracks(values: Values, programme: _Row) -> None:
    """A programme does something, in each place one thing before the regulator, in hospitals only at home."""
    home = values.value(within(within(DEVELOPERS, str(programme.value("developer"))), "home"))
    seen: dict[tuple[Any, bool], str] = {}
    read: dict[tuple[Any, Any], str] = {}
    for campaign in programme.rows("campaigns"):
        place, in_hospital = campaign.value("place"), campaign.value("stage") in HOSPITAL
        if in_hospital and None not in (place, home) and place != home:
            message = f"is {place}, but a hospital study is one at home, in {home}"
            _complain(values, within(campaign.path, "place"), message)
        _once(values, campaign, (place, in_hospital), seen, "a second campaign there")
    for readout in programme.rows("readouts"):
        _once(values, readout, (readout.value("place"), readout.value("stage")), read, "a second readout of it there")
    if not seen:
        _complain(values, programme.path, "has no campaign; expected at least one that goes on")


def _once(values: Values, row: _Row, key: tuple[Any, Any], seen: dict[tuple[Any, Any], str], what: str) -> None:
    if key in seen and None not in key:
        _complain(values, row.path, f"is {what}, after {seen[key].rpartition('.')[2]}; expected one")
    seen.setdefault(key, row.path)


def _dates(values: Values, programme: _Row) -> None:
    """Nothing is of after the start, no stage began before what it follows was read, and none comes again."""
    start = values.value("span.start_month")
    for row, name in [(row, "since_month") for row in programme.rows("campaigns")] + [
        (row, "read_month") for row in programme.rows("readouts")
    ]:
        month = row.value(name)
        if _are_texts(month, start) and month > start:
            message = f"is {month}, after the start of the race in {start}; expected a month up to it"
            _complain(values, within(row.path, name), message)
    for campaign in programme.rows("campaigns"):
        for readout in programme.rows("readouts"):
            since, read = campaign.value("since_month"), readout.value("read_month")
            follows = _order(campaign.value("stage")) > _order(readout.value("stage")) >= 0
            there = campaign.value("place") == readout.value("place") and campaign.value("stage") not in HOSPITAL
            if follows and there and _are_texts(since, read) and since < read:
                stage, before = campaign.value("stage"), readout.value("stage")
                message = f"is {since}, but the {before} before that {stage} was read in {read}; expected no earlier"
                _complain(values, within(campaign.path, "since_month"), message)
            if there and _order(readout.value("stage")) > _order(campaign.value("stage")) >= 0:
                message = (
                    f"is {campaign.value('stage')}, but a {readout.value('stage')} was read there; expected a later"
                )
                _complain(values, within(campaign.path, "stage"), f"{message} stage")


def _are_texts(*values: object) -> bool:
    return all(isinstance(value, str) for value in values)


def _order(stage: object) -> int:
    """Place of a stage in the order of trials; all that follows trials comes behind them, what precedes them is -1."""
    if stage in TRIALS:
        return TRIALS.index(str(stage))
    return len(TRIALS) if stage in ("filing", "approval_review", "conditional", "approved") else -1


def _patients(values: Values, programme: _Row) -> None:
    """A trial wants patients and has no more than it wants; where no trial runs there are none."""
    for campaign in programme.rows("campaigns"):
        stage, wanted, enrolled = (campaign.value(name) for name in ("stage", "wanted_patients", "enrolled_patients"))
        if not all(isinstance(count, int | float) for count in (wanted, enrolled)):
            continue
        if stage in RUNNING and wanted < 1:
            _complain(values, within(campaign.path, "wanted_patients"), f"is {wanted}; a {stage} wants patients")
        elif stage in STANDING and max(wanted, enrolled) > 0:
            name = "wanted_patients" if wanted > 0 else "enrolled_patients"
            message = f"is {max(wanted, enrolled)}, but no trial runs in {stage}; expected 0"
            _complain(values, within(campaign.path, name), message)
        elif enrolled > wanted:
            message = f"is {enrolled}, more than the {wanted} wanted; expected as many at most"
            _complain(values, within(campaign.path, "enrolled_patients"), message)


def _evidence(values: Values, programme: _Row) -> None:
    """Nobody goes so far on nothing."""
    if any(True for _ in programme.rows("readouts")):
        return
    for campaign in programme.rows("campaigns"):
        stage = campaign.value("stage")
        if stage in AFTER_A_READOUT:
            message = f"is {stage}, but nothing of the programme was read; expected a readout before it"
            _complain(values, within(campaign.path, "stage"), message)


def _routes(values: Values, programme: _Row) -> None:
    """An approval on condition needs a place that grants such, and a hospital study one that has the lane."""
    start = str(values.value("span.start_month"))
    for campaign in programme.rows("campaigns"):
        stage, place = campaign.value("stage"), campaign.value("place")
        switch = "hospital_lane.open_switch" if stage in HOSPITAL else "regulation.conditional.open_switch"
        leaf = values.leaves.get(f"jurisdictions.{place}.{switch}")
        if (stage in HOSPITAL or stage == "conditional") and leaf is not None and not _in_force(leaf, start):
            what = "hospital lane" if stage in HOSPITAL else "approval on condition"
            message = f"is {stage}, but {place} has no {what} in {start}"
            _complain(values, within(campaign.path, "stage"), message)


def _in_force(leaf: Leaf, month: str) -> Any:
    """The value of a leaf in a month."""
    return plain(leaf.at(month))


def _partners(values: Values, programme: _Row) -> None:
    """A royalty is paid by a partner."""
    for campaign in programme.rows("campaigns"):
        if campaign.value("partner") == "none" and campaign.value("royalty_share"):
            message = "is above 0, but there is no partner to pay it; expected 0"
            _complain(values, within(campaign.path, "royalty_share"), message)
