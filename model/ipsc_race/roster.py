"""The typed roster: developers and programmes that are there by name when the race starts, with what is on record.

What is not on record (whether a product works, what a trial read beyond what was told of it) is drawn by
`rules/roster.py` given all that is. An empty roster is the race of all from its beginning.
"""

from typing import Annotated, Literal

from pydantic import Field

from ipsc_race.quantities import (
    NAMED_CAMPAIGNS,
    NAMED_DEVELOPERS,
    NAMED_PROGRAMMES,
    NAMED_READOUTS,
    Amount,
    Block,
    Count,
    Effect,
    Month,
    Rate,
    RowOf,
    Share,
    Spread,
    Table,
)

Stage = Literal[
    "hospital_review", "hospital_study", "ind_preparation", "ind_review", "phase_1", "phase_2", "phase_3", "filing",
    "approval_review", "conditional", "approved",
]  # fmt: skip
Place = Annotated[str, RowOf("jurisdictions")]


class NamedDeveloper(Block):
    """A developer that is there when the race starts."""

    label: str
    """Its name for readers."""
    draw_key: Annotated[int, Field(ge=1, le=4095)]
    """Keys its random numbers, so that a roster that grows moves nobody's luck; no other developer has it."""
    copies_count: Annotated[int, Field(ge=1, le=64)]
    """1 for a developer by name; more for so many that nobody names, each with programmes of its own."""
    home: Place
    """Where it is at home."""
    owner: Place
    """Who captures its value: its home, or that of who bought it."""
    cash_usd_m: Amount
    """In the bank on the first morning."""


class Readout(Block):
    """A trial of a programme that was read before the race starts."""

    place: Place
    """Where its patients were."""
    stage: Literal["hospital_study", "phase_1", "phase_2", "phase_3"]
    """Which trial it was."""
    read_month: Month
    """When it was read."""
    enrolled_patients: Annotated[int, Field(ge=1, le=100_000)]
    """Patients read."""
    observed_effect: Effect
    """What was told of its result, in standard deviations of the outcome."""
    telling_effect_sd: Spread
    """How far what was told leaves the result open; 0: it is known, 10: nothing but that its developer went on."""


class NamedCampaign(Block):
    """What a programme is doing in a jurisdiction on the first morning; a hospital study is one at home."""

    place: Place
    """Where."""
    stage: Stage
    """Where it stands. A trial cleared and not begun stands in it with nobody enrolled."""
    since_month: Month
    """Since when: of a trial from its clearance, if some are enrolled from the first, and if all are from the last."""
    wanted_patients: Count
    """Patients wanted by its trial, or by the one owed after an approval on condition; 0 where it runs none."""
    enrolled_patients: Count
    """Patients enrolled in it so far."""
    partner: Annotated[str, RowOf("jurisdictions", ("none",))]
    """From where the partner is that holds the right there."""
    royalty_share: Share
    """Part of its sales that such a partner pays to the developer."""


class NamedProgramme(Block):
    """A product that is in development, or sold, when the race starts."""

    label: str
    """Its name for readers."""
    developer: Annotated[str, RowOf("roster.developers")]
    """Whose it is."""
    draw_key: Annotated[int, Field(ge=0, le=63)]
    """Keys its random numbers; no other programme of its developer has it."""
    indication: Annotated[str, RowOf("indications", ("any",))]
    """What it is for; any: drawn, of programmes that nobody names."""
    cell_source: Literal["reprogrammed", "embryonic"]
    """What its cells come from."""
    method: Annotated[str, RowOf("methods", ("none", "unknown"))]
    """How they were reprogrammed; none of embryonic cells; unknown: drawn by what is usual at home."""
    modality: Annotated[str, RowOf("modalities")]
    """Whose cells they are."""
    readouts: Annotated[dict[str, Readout], Table("own", NAMED_READOUTS)]
    """What was read before the race."""
    campaigns: Annotated[dict[str, NamedCampaign], Table("own", NAMED_CAMPAIGNS)]
    """What goes on."""


class Roster(Block):
    """Who is there by name, and what is known, when the race starts."""

    knowledge_count: Rate
    """Knowledge in every cell on the first morning, in readouts."""
    developers: Annotated[dict[str, NamedDeveloper], Table("own", NAMED_DEVELOPERS)]
    """Developers."""
    programmes: Annotated[dict[str, NamedProgramme], Table("own", NAMED_PROGRAMMES)]
    """Programmes; their rows are the first of the table of programmes, in the order of their names."""

    @property
    def is_empty(self) -> bool:
        """Whether nobody and nothing is there."""
        return not self.developers and not self.programmes and self.knowledge_count == 0

    @property
    def developer_labels(self) -> tuple[str, ...]:
        """Names of the companies in the first rows of their table; copies of one are numbered."""
        return tuple(label for _, named in sorted(self.developers.items()) for label in _copies(named.label, named))

    @property
    def programme_labels(self) -> tuple[str, ...]:
        """Names of the programmes in the first rows of their table, likewise."""
        named = (programme for _, programme in sorted(self.programmes.items()))
        return tuple(label for one in named for label in _copies(one.label, self.developers[one.developer]))

    @property
    def programme_stages(self) -> tuple[dict[str, str], ...]:
        """Where these programmes stand on the first morning: stages by place, or `hospitals` for the study at home."""
        return tuple(
            {_track(campaign): campaign.stage for campaign in programme.campaigns.values()}
            for _, programme in sorted(self.programmes.items())
            for _ in range(self.developers[programme.developer].copies_count)
        )


def _track(campaign: NamedCampaign) -> str:
    """Of what a campaign is a part: the registration in a place, or the hospitals at home."""
    return "hospitals" if campaign.stage.startswith("hospital") else campaign.place


def _copies(label: str, developer: NamedDeveloper) -> list[str]:
    """A name as often as its developer is there."""
    count = developer.copies_count
    return [label] if count == 1 else [f"{label} {copy}" for copy in range(1, count + 1)]
