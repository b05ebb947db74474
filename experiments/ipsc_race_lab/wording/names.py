"""The names of things for readers: blocs, worlds, factors, places, developers."""

from __future__ import annotations

from collections.abc import Iterable

from ipsc_race_lab.results.event_log import Event, Race

ABBREVIATIONS = {"ind": "IND", "gmp": "GMP"}  # in the names of parameters


def readable(name: str) -> str:
    """A name of the scenario as a reader would write it: `west` as West, `us` as US, `phase_1` as Phase 1."""
    words = " ".join(ABBREVIATIONS.get(word, word) for word in name.replace("_", " ").replace("-", " ").split(" "))
    return words.upper() if len(words) <= 2 else words[:1].upper() + words[1:]


def against(pair: Iterable[str]) -> str:
    """Two blocs as a reader would set them against each other."""
    return " against ".join(map(readable, pair))


def programme_names(race: Race) -> dict[tuple[int, int], str]:
    """Name of each developer, as (company, -1), and programme: home, n-th founded there, n-th programme it began.

    Those of the roster have names of their own. Institutes are counted apart, and a programme that one hands to a
    company keeps its name. The same name means the same company in every race of every scenario with this seed: it
    keeps its random numbers.
    """
    names: dict[tuple[int, int], str] = {}
    kept: dict[int, str] = {}
    counts: dict[str, int] = {}
    companies = {
        (event.company, event.programme, event.home, event.sponsor) for event in race.events if event.company >= 0
    }
    for company, programme, home, sponsor in sorted(companies):
        if company < len(race.developers):
            names[company, -1] = race.developers[company]
        elif (company, -1) not in names:
            kind = f"{home}-institute" if sponsor == "institute" else home
            counts[kind] = counts.get(kind, 0) + 1
            names[company, -1] = f"{kind}-{counts[kind]}"
        if 0 <= programme < len(race.programmes):
            kept[programme] = race.programmes[programme]
        elif programme >= 0 and programme not in kept:
            name = names[company, -1]
            counts[name] = counts.get(name, 0) + 1
            kept[programme] = f"{name}-{counts[name]}"
        if programme >= 0:
            names[company, programme] = kept[programme]
    return names


def is_named(race: Race, event: Event) -> bool:
    """Whether an event is of a developer, or a programme, of the roster."""
    return event.company < len(race.developers) if event.programme < 0 else event.programme < len(race.programmes)


def cell_product(race: Race, event: Event) -> str:
    """What a programme makes; of cells that the answer does not count it says from which."""
    product = race.products.get(event.indication, "")
    return product if event.cell_source == "reprogrammed" else f"{product} from {event.cell_source} cells"


def with_article(label: str) -> str:
    """A place as it stands in a sentence: in China, in the US."""
    return f"the {label}" if label.isupper() or label.startswith(("United", "European")) else label


def bloc_label(race: Race, bloc: str) -> str:
    """A bloc for readers: the label of the jurisdiction of its name, if there is one."""
    from ipsc_race_lab.wording.names import readable

    return race.labels.get(bloc) or readable(bloc)
