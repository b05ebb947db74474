"""One race told as a readable log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ipsc_race_lab.metrics.questions import QUESTIONS
from ipsc_race_lab.results.event_log import Event, Race
from ipsc_race_lab.wording.names import bloc_label, cell_product, is_named, programme_names, with_article

SENTENCES: dict[str, str] = {
    "company_founded": "{developer} is founded in {place}",
    "programme_started": "{developer} starts programme {programme} ({product})",
    "hospital_study_opened": "Programme {programme} ({cells}) opens a hospital study in {place}",
    "first_in_human": "{developer} doses the first patient with programme {programme} ({product}) {setting} in {place}",
    "ind_filed": "Programme {programme} files an IND in {place}",
    "ind_cleared": "Programme {programme} ({cells}) is cleared for trials in {place}",
    "phase_1_started": "Programme {programme} starts Phase 1 in {place}",
    "phase_1_read_out": "Programme {programme} ({cells}) reads out Phase 1 in {place}",
    "phase_2_started": "Programme {programme} starts Phase 2 in {place}",
    "phase_2_read_out": "Programme {programme} ({cells}) reads out Phase 2 in {place}",
    "phase_3_started": "Programme {programme} starts Phase 3 in {place}",
    "phase_3_read_out": "Programme {programme} ({cells}) reads out Phase 3 in {place}",
    "proof_of_concept": "Programme {programme} ({cells}) has a proof of concept from {place}",
    "hold_placed": "The regulator of {place} puts programme {programme} on hold",
    "hold_lifted": "The hold on programme {programme} in {place} is lifted",
    "phases_joined": "Programme {programme} goes on to its next phase in {place} under the same protocol",
    "accrual_failed": "A trial of programme {programme} in {place} stops looking for patients",
    "filing_refused": "The regulator of {place} refuses the filing of programme {programme}",
    "filed": "{developer} files programme {programme} ({cells}) for approval in {place}",
    "conditionally_approved": "Programme {programme} ({product}) of company {company} is approved "
    "conditionally in {place}",
    "approved": "Programme {programme} ({product}) of company {company} is approved in {place}",
    "confirmation_started": "Programme {programme} starts the confirmatory trial owed in {place}",
    "confirmation_met": "Programme {programme} confirms its benefit in {place}",
    "withdrawn": "Programme {programme} ({cells}) is withdrawn from the market of {place}",
    "translated_at_home": "Hospitals in {place} may treat paying patients with programme {programme} ({product})",
    "campaign_stopped": "Programme {programme} ends in {place}",
    "programme_stopped": "{developer} stops programme {programme} ({cells})",
    "company_closed": "{developer} closes",
    "hospital_study_read_out": "Programme {programme} ({cells}) reads out a hospital study in {place}",
    "redesigned": "{developer} redesigns programme {programme} ({cells}) and starts its evidence anew",
    "serious_harm": "A patient of programme {programme} in {place} is seriously harmed",
    "comparability_lost": "The evidence on hospital-grade cells of programme {programme} ({cells}) does not carry over "
    "to GMP-grade cells",
    "licensed_out": "A partner in {place} licenses programme {programme} ({product}) from company {company}",
    "partner_left": "The partner of programme {programme} in {place} leaves",
    "bought_out": "{developer} is bought by an owner in {place}",
    "hundredth_patient_treated": "Programme {programme} ({product}) has treated a hundred patients outside trials",
    "thousandth_patient_treated": "Programme {programme} ({product}) has treated a thousand patients outside trials",
    "translation_ended": "Hospitals in {place} may no longer treat patients with programme {programme} ({cells})",
    "handed_over": "An institute hands programme {programme} ({cells}) to company {company}, founded for it",
    "settled_at_home": "{developer} is content to sell programme {programme} ({cells}) in hospitals in {place}",
}
OF_THE_ROSTER: dict[str, str] = {  # who is there by name was not founded, and began nothing, on the first morning
    "company_founded": "{developer} is there from the start, at home in {place}",
    "programme_started": "{developer} is there with programme {programme} ({product}) from the start",
}
OTHER = "{milestone} in {place}: company {company}, programme {programme}"  # of a result of a later version
ALWAYS_TOLD = {"conditionally_approved", "approved", "confirmation_met", "withdrawn", "thousandth_patient_treated"}
TOLD_OF_LEADERS = ALWAYS_TOLD | {
    "first_in_human",
    "hospital_study_read_out",
    "redesigned",
    "phase_1_read_out",
    "phase_2_read_out",
    "phase_3_read_out",
    "proof_of_concept",
    "hold_placed",
    "filed",
    "programme_stopped",
    "translated_at_home",
    "comparability_lost",
    "licensed_out",
    "partner_left",
    "bought_out",
    "settled_at_home",
    "translation_ended",
}


# From the least to the most advanced.
WAY: tuple[str, ...] = (
    "programme_started",
    "hospital_study_opened",
    "ind_filed",
    "ind_cleared",
    "first_in_human",
    "hospital_study_read_out",
    "phase_1_started",
    "proof_of_concept",
    "phase_1_read_out",
    "phase_2_started",
    "phase_2_read_out",
    "phase_3_started",
    "phase_3_read_out",
    "filed",
    "conditionally_approved",
    "approved",
)


# The first of each in a bloc is told, whoever it is.
FIRSTS = {*WAY, "translated_at_home"}
APPROVALS = {"conditionally_approved", "approved"}
FIRST_EVENTS = {  # by question: the milestones that decide it, and whether at home only
    "first_in_human": ({"first_in_human"}, False),
    "first_home_approval": (APPROVALS, True),
    "first_approval_anywhere": (APPROVALS, False),
}
SETTINGS = {"hospital": "in a hospital study", "registration": "in a registration trial"}


def winner_lines(race: Race) -> list[str]:
    """Who was first to each milestone that the answer asks about, a line each, those of one month side by side."""
    names, lines = programme_names(race), []
    for question, title in QUESTIONS.items():
        won = first_of_all(race, question)
        winners = " and ".join(_winner(race, names, event) for event in won) or "nobody within the span"
        lines.append(f"{title}: {winners}{f', {won[0].month}' if won else ''}")
    return lines


def _developer(race: Race, names: Mapping[tuple[int, int], str], event: Event, sponsor: str) -> str:
    """Who is behind an event: by its own name, or as a company or institute of a place."""
    name = names.get((event.company, -1), "?")
    return name if event.company < len(race.developers) else f"{sponsor} {name}"


def first_of_all(race: Race, question: str) -> list[Event]:
    """The events that decide a question as the answer counts it: of each bloc that was there in the first month."""
    kinds, at_home = FIRST_EVENTS[question]
    asked = [event for event in race.events if event.milestone in kinds and event.cell_source == "reprogrammed"]
    counted = [event for event in asked if not at_home or event.jurisdiction == event.home]
    soonest = min((event.month for event in counted), default="")
    return list({race.blocs[event.home]: event for event in reversed(counted) if event.month == soonest}.values())[::-1]


def _winner(race: Race, names: Mapping[tuple[int, int], str], event: Event) -> str:
    """Bloc, developer, programme and place of a first."""
    product, where = cell_product(race, event), race.labels.get(event.jurisdiction, event.jurisdiction)
    developer = _developer(race, names, event, event.sponsor)
    programme = f"programme {names.get((event.company, event.programme), '?')} ({product})"
    return f"{bloc_label(race, race.blocs[event.home])}, {developer} with {programme} in {with_article(where)}"


def leading(race: Race, most: int) -> tuple[int, ...]:
    """The programmes to follow: who won the race, the best of each bloc, and those that went farthest, in this order.

    They come back as far as they went, the soonest first among equals.
    """
    order = _farthest_first(race)
    bloc_of = {event.programme: race.blocs[event.home] for event in race.events}
    best = {bloc_of[programme]: programme for programme in reversed(order)}
    chosen = list(dict.fromkeys([*winners(race), *sorted(best.values(), key=order.index), *order]))[:most]
    return tuple(sorted(chosen, key=order.index))


def winners(race: Race) -> list[int]:
    """The programme with the first approval anywhere, then that with each bloc's first at home, the soonest first."""
    approvals = [event for event in race.events if event.milestone in APPROVALS]
    at_home = {race.blocs[event.home]: event for event in reversed(approvals) if event.jurisdiction == event.home}
    firsts = sorted(at_home.values(), key=approvals.index)
    return list(dict.fromkeys(event.programme for event in (*approvals[:1], *firsts)))


def _farthest_first(race: Race) -> list[int]:
    """All programmes by how far they went, the soonest first among equals."""
    reached: dict[int, tuple[int, str, int]] = {}
    for event in race.events:
        if event.milestone in WAY and event.programme >= 0:
            score = (-WAY.index(event.milestone), event.month, event.programme)
            reached[event.programme] = min(score, reached.get(event.programme, score))
    return sorted(reached, key=lambda programme: reached[programme])


def log(race: Race, leaders: Sequence[int] | None) -> Iterator[str]:
    """The story line by line: all events, or firsts, approvals and the course of the leading programmes."""
    names, seen = programme_names(race), set[tuple[str, str]]()
    for event in race.events:
        first = _first(race, event, seen)
        is_told = leaders is None or first or event.milestone in ALWAYS_TOLD
        if is_told or (leaders and event.programme in leaders and event.milestone in TOLD_OF_LEADERS):
            mark = "*" if first else " "
            yield f"{event.month} {mark} {_sentence(race, names, event)}{first}"


def _first(race: Race, event: Event, seen: set[tuple[str, str]]) -> str:
    """What to add where an event is the first of its kind in its bloc, or of all; empty otherwise."""
    bloc = race.blocs[event.home]
    counted = event.cell_source == "reprogrammed"  # as in the answer
    begun = is_named(race, event) and event.milestone in OF_THE_ROSTER
    if begun or not counted or event.milestone not in FIRSTS or (event.milestone, bloc) in seen:
        return ""
    of_all = not any(milestone == event.milestone for milestone, _ in seen)
    seen.add((event.milestone, bloc))
    return ": the first of all" if of_all else f": {bloc_label(race, bloc)}'s first"


def _sentence(race: Race, names: Mapping[tuple[int, int], str], event: Event) -> str:
    """One event in words."""
    cells, disease = cell_product(race, event), race.diseases.get(event.indication, "")
    is_there = is_named(race, event) and event.milestone in OF_THE_ROSTER
    sentence = (
        (OF_THE_ROSTER if is_there else SENTENCES)
        .get(event.milestone, OTHER)
        .format(
            milestone=event.milestone.replace("_", " "),
            company=names.get((event.company, -1), "?"),
            developer=_developer(race, names, event, event.sponsor.capitalize()),
            programme=names.get((event.company, event.programme), "?"),
            cells=cells,
            product=f"{cells}, {disease}",
            setting=SETTINGS.get(event.lane, "in a trial"),
            place=with_article(race.labels.get(event.jurisdiction, event.jurisdiction)),
        )
    )
    return f"{sentence}: {event.reason}" if event.reason else sentence
