"""What is wrong in a scenario is said: all of it, in its place, in words that a researcher can act on."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ipsc_race.loading import ScenarioError, load
from ipsc_race.yaml_reading import MAX_BYTES, Place, problem, read_text

World = dict[str, Any]
Write = Callable[..., Path]


def problems(source: object, overrides: Any = ()) -> list[str]:
    """What loading complains about, files shown without their folder."""
    with pytest.raises(ScenarioError) as caught:
        load(source, overrides)  # type: ignore[arg-type]
    folders = {str(Path(found.file).parent) for found in caught.value.problems} - {"."}
    texts = [str(found) for found in caught.value.problems]
    for folder in folders:
        texts = [text.removeprefix(f"{folder}{os.sep}") for text in texts]
    return texts


def only_problem(source: object, overrides: Any = ()) -> str:
    """The one problem."""
    found = problems(source, overrides)
    assert len(found) == 1, found
    return found[0]


MONTHS = [f"{2000 + i // 12}-{i % 12 + 1:02d}: {0.1 + i / 1000}" for i in range(241)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "jurisdictions: {china: {regulation: {ind_review_weeks: 3}}}",
            (
                "child.yaml:2:38: jurisdictions.china.regulation.ind_review_weeks is not a name of the scenario; "
                "did you mean ind_review_months (unit: months)?"
            ),
        ),
        ("sciense: {}", "child.yaml:2:1: sciense is not a name of the scenario; did you mean science?"),
        (
            "jurisdictions: {china: {hospital_lane: {use_share: 1.4}}}",
            "child.yaml:2:52: jurisdictions.china.hospital_lane.use_share is 1.4; expected a share between 0 and 1",
        ),
        (
            "science: {spillover_lag_months: NO}",
            "child.yaml:2:33: science.spillover_lag_months is 'NO'; expected a number (months) between 0 and 60",
        ),
        (
            "science: {spillover_lag_months: '6'}",
            "child.yaml:2:33: science.spillover_lag_months is '6'; expected a number (months) between 0 and 60",
        ),
        (
            "science: {spillover_lag_months: .nan}",
            "child.yaml:2:33: science.spillover_lag_months is nan; expected a number (months) between 0 and 60",
        ),
        (
            "science: {spillover_share: true}",
            "child.yaml:2:28: science.spillover_share is true; expected a share between 0 and 1",
        ),
        (
            "science: {spillover_share: -.inf}",
            "child.yaml:2:28: science.spillover_share is -inf; expected a share between 0 and 1",
        ),
        (
            "jurisdictions: {us: {hospital_lane: {open_switch: no}}}",
            "child.yaml:2:51: jurisdictions.us.hospital_lane.open_switch is 'no'; expected true or false",
        ),
        (
            "jurisdictions: {us: {sites: {capacity_count: 2.5}}}",
            (
                "child.yaml:2:46: jurisdictions.us.sites.capacity_count is 2.5; "
                "expected a whole number (count) between 0 and 1,000,000"
            ),
        ),
        ("span: {start_month: 2010}", "child.yaml:2:21: span.start_month is 2010; expected a month such as 2018-11"),
        (
            "span: {end_month: 2009-12}",
            "child.yaml:2:19: span.end_month is 2009-12, before the start in 2010-01",
        ),
        (
            "evidence: {attrition: given}",
            "child.yaml:2:23: evidence.attrition is 'given'; expected evidence or exogenous",
        ),
        (
            "science: 3",
            (
                "child.yaml:2:10: science is 3; expected a mapping with knowledge_per_readout_count, "
                "knowledge_decay_per_month, spillover_share, spillover_lag_months, knowledge_effect and 4 more"
            ),
        ),
        (
            "science: {spillover_share: {value: 0.5, range: [0.6, 0.8]}}",
            "child.yaml:2:36: science.spillover_share is 0.5, outside its own range [0.6, 0.8]",
        ),
        (
            "science: {spillover_share: {value: 0.5, range: [0.8, 0.2]}}",
            "child.yaml:2:48: science.spillover_share.range is [0.8, 0.2]; expected the lower end first",
        ),
        (
            "science: {spillover_share: {value: 0.5, range: 0.2}}",
            "child.yaml:2:48: science.spillover_share.range is not two numbers; expected [low, high]",
        ),
        (
            "science: {spillover_share: {value: 0.5, grade: E}}",
            "child.yaml:2:48: science.spillover_share.grade is 'E'; expected A, B, C or D",
        ),
        (
            "science: {spillover_share: {value: 0.5, source: hearsay}}",
            "child.yaml:2:49: science.spillover_share.source is 'hearsay', which sources.yaml does not list",
        ),
        (
            "science: {spillover_share: {value: 0.5, changes: {2015-13: 0.4}}}",
            "child.yaml:2:51: science.spillover_share.changes.2015-13 is not a month such as 2018-11",
        ),
        (
            "science: {spillover_share: {changes: {2015-11: {value: 1.5}}}}",
            "child.yaml:2:56: science.spillover_share@2015-11 is 1.5; expected a share between 0 and 1",
        ),
        (
            "span: {end_month: {value: 2019-12, changes: {2015-11: 2018-12}}}",
            "child.yaml:2:36: span.end_month.changes is not possible: this value holds for the whole race",
        ),
        (
            "blocs: {west: [us, chna]}",
            "child.yaml:2:20: blocs.west names chna, which is no jurisdiction; did you mean china?",
        ),
        (
            "blocs: {west: [us, china]}",
            "child.yaml:2:1: blocs must hold each jurisdiction once; china is in china and west",
        ),
        (
            "jurisdictions: {us: {draw_key: 1}}",
            "child.yaml:2:32: jurisdictions.us.draw_key is 1, the key of china too; expected another number",
        ),
        (
            "jurisdictions: {us: {patients: {parkinsons: {like: jurisdictions.china.patients.parkinson}}}}",
            "jurisdictions.us.patients.parkinsons is not among the indications",
        ),
        (
            f"methods: {{{', '.join(f'm{i}: {{like: methods.episomal}}' for i in range(10))}}}",
            "child.yaml:2:1: methods has 11 rows; at most 10 are possible",
        ),
        ("\n".join(f"key{i}: 1" for i in range(60)), "the file has 10 more unknown names; is this a scenario?"),
        ("jurisdictions: {eu: null}", "child.yaml:2:17: jurisdictions has no inherited row eu to remove"),
        ("methods: {episomal: null, sendai: {like: methods.episomal}}", "method_weight lacks sendai"),
        (
            "jurisdictions: {china: {sites: {like: jurisdictions.us.site}}}",
            "jurisdictions.china.sites.like: there is no jurisdictions.us.site: jurisdictions.us has no site",
        ),
        (
            "jurisdictions: {china: {sites: {like: jurisdictions.us.funding}}}",
            "child.yaml:2:39: jurisdictions.china.sites.like: jurisdictions.us.funding is another kind of part",
        ),
        (
            "trials: {phase_1: {like: trials.phase_2}, phase_2: {like: trials.phase_1}}",
            "child.yaml:2:26: trials.phase_1.like: is like itself: trials.phase_1 -> trials.phase_2 -> trials",
        ),
        (
            "jurisdictions: {china: {like: jurisdictions}}",
            "child.yaml:2:31: jurisdictions.china.like: jurisdictions is another kind of part",
        ),
        (
            "span: {step_months: 0.3}",
            "span.step_months is 0.3; expected a whole number of steps in a month, such as 0.5",
        ),
        (
            "modalities: {allogeneic: {harm_multiplier: 1e12}}",
            "harm_multiplier is 1000000000000.0; expected a number (multiplier) between 0 and 1,000",
        ),
        (
            "methods: {episomal: {genomic_risk_multiplier: 1e4}}",
            "genomic_risk_multiplier is 10000.0; expected a number (multiplier) above 0 and at most 1,000",
        ),
        *(
            (f"span: {{step_months: {step}}}", "expected a number (months) between 0.01 and 1")
            for step in ("5e-324", "0.0001", "-1", "1e308")
        ),
        (
            "span: {end_month: 2299-12, step_months: 0.1}\nscience: {spillover_lag_months: 0}",
            "child.yaml:2:19: span.end_month is 2299-12, 34,800 steps after the start; at most 20,000 are possible",
        ),
        (
            f"science: {{spillover_share: {{value: 0.5, changes: {{{', '.join(MONTHS)}}}}}}}",
            "science.spillover_share is one of the values that change in 241 months in all; at most 240 are possible",
        ),
        (
            "blocs: {none: [china], china: null}",
            "blocs cannot be called none, which answers use for what no bloc reached; expected another name",
        ),
        (
            f"blocs: {{{', '.join(f'b{i}: [us]' for i in range(7))}}}",
            "child.yaml:2:1: blocs has 9 rows; at most 8 are possible",
        ),
        ("title: |\n two\n lines", "child.yaml:2:8: title is 'two\\nlines'; expected one line"),
        (
            'jurisdictions: {us: {label: "US\\nipsc-race: all is well"}}',
            "jurisdictions.us.label is 'US\\nipsc-race: all is well'; expected one line",
        ),
    ],
)
def test_a_mistake_is_said_with_its_place_and_what_was_expected(
    child: Callable[..., Path], text: str, said: str
) -> None:
    """A message that a researcher cannot act on costs an afternoon; a mistake that passes costs the paper."""
    assert any(said in found for found in problems(child(text))), problems(child(text))


def test_all_mistakes_are_said_at_once(child: Callable[..., Path]) -> None:
    """One round of corrections, not six."""
    path = child(
        "span: {start_month: 2010}\n"
        "science: {spillover_share: 1.4, spilover: 2}\n"
        "jurisdictions: {china: {draw_key: 2, sites: {capacity_count: NO}}}\n"
        "blocs: {west: [us, mars]}\n"
    )
    assert len(problems(path, ["science.knowledge_effekt=1", "oops"])) == 8


def test_a_misspelt_row_is_recognised(child: Callable[..., Path]) -> None:
    """A misspelt country must not become a fifth, empty one."""
    assert any(
        found.endswith("did you mean china?") for found in problems(child("jurisdictions: {chna: {label: China}}"))
    )


def test_a_mistake_is_placed_in_the_file_that_made_it(child: Callable[..., Path], write: Write) -> None:
    """Of several files in a chain, the one to correct is named."""
    child("science: {spillover_share: 1.4}\n")
    path = write("extends: ./child.yaml\ntitle: grandchild\n", "grandchild.yaml")
    assert only_problem(path).startswith("child.yaml:2:28: ")


def test_rates_counted_path_by_path_are_refused(child: Callable[..., Path], write: Write) -> None:
    """66.4 x 58.3 x 59.0 is 22.8%, not the published 13.8%: such rates would make every race too successful."""
    write("wong: {title: Wong, where: Biostatistics, year: 2019, kind: path-by-path}\n", "sources.yaml")
    path = child(
        "jurisdictions: {us: {exogenous: {phase_1: {success_probability: {value: 0.664, source: wong}}}}}\n"
        "science: {spillover_share: {value: 0.5, source: wong}}\n"
    )
    found = only_problem(path)
    assert found.startswith("child.yaml:2:73: jurisdictions.us.exogenous.phase_1.success_probability carries wong")
    assert "22.8%" in found


def test_a_list_of_sources_is_checked_too(child: Callable[..., Path], write: Write) -> None:
    """A source without year or place cannot be looked up."""
    write("wong: {title: Wong, were: Biostatistics}\n", "sources.yaml")
    assert problems(child("")) == [
        "sources.yaml:1:1: source wong lacks where, year",
        "sources.yaml:1:21: source wong: were is not known; expected title, where, year, note, kind",
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "bad.yaml:1:1: the file is empty; expected keys with values"),
        ("# only a comment\n", "bad.yaml:1:1: the file is empty"),
        ("[1, 2]", "bad.yaml:1:1: the file is a list"),
        ("just words", "bad.yaml:1:1: the file is one value"),
        ("title: a\ntitle: b\n", "bad.yaml:2:1: duplicate key title, first on line 1"),
        ("a: [1\nb: 2\n", "bad.yaml:2:"),
        ("a: &x [1]\nb: *x\n", "bad.yaml:1:4: anchors (&) and aliases (*) are not read"),
        ("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n", "bad.yaml:1:4: anchors"),
        ("<<: {title: b}\n", "bad.yaml:1:1: merge keys (<<) are not read"),
        ("title: !!python/object/apply:os.system [ls]\n", "bad.yaml:1:8: tags are not read"),
        ("title: a\n---\ntitle: b\n", "bad.yaml:2:1: a second document starts here"),
        ("? [a, b]\n: c\n", "bad.yaml:1:3: a key must be a word"),
        ("a: " + "[" * 500 + "]" * 500, "bad.yaml:1:24: nested deeper than 20 levels"),
        (b"title: caf\xe9\n", "bad.yaml:1:11: byte 0xe9 is not UTF-8"),
        (b"title: a\x00b\n", "bad.yaml:1:9: control character U+0000"),
        ("title: a\n\tspan: b\n", "bad.yaml:2:1: "),
        ('title: "a\\e[31mb"\n', "bad.yaml:1:8: control character U+001B; expected plain text"),
        ('"a\\e[2J": 1\n', "bad.yaml:1:1: control character U+001B"),
        ('title: "a\\u202Eb"\n', "bad.yaml:1:8: control character U+202E"),
        ("title: " + "x" * (MAX_BYTES + 1), "bad.yaml: has 2.0 MB; a scenario has at most 2 MB"),
        ("extends: ./bad.yaml\n", "bad.yaml:1:10: extends itself: "),
        ("extends: [a]\n", "bad.yaml:1:10: extends: expected the name of a scenario"),
        ("extends: ./nowhere.yaml\n", "bad.yaml:1:10: extends ./nowhere.yaml, but there is no file"),
        ("extends: /dev/zero\n", "bad.yaml:1:10: extends: expected the name of a scenario or the path of a YAML file"),
        ("extends: ./\n", "bad.yaml:1:10: extends: expected the name of a scenario or the path of a YAML file"),
        ("a: [" + "b, " * 100_000 + "]", "more than 100,000 keys and values; no scenario has"),
        ("extends: bad\n", "bad.yaml:1:10: no scenario is named 'bad'; did you mean the file ./bad.yaml?"),
    ],
)
def test_a_file_that_is_no_scenario_is_refused_in_one_sentence(write: Write, content: str | bytes, said: str) -> None:
    """A hostile or broken file must cost neither memory nor a traceback."""
    assert said in only_problem(write(content, "bad.yaml"))


def test_a_loop_through_two_files_is_found(write: Write) -> None:
    """Two scenarios that extend each other describe no world."""
    write("extends: ./b.yaml\n", "a.yaml")
    write("extends: ./a.yaml\n", "b.yaml")
    assert "extends itself" in only_problem(write("extends: ./b.yaml\n", "a.yaml"))


def test_a_long_chain_of_files_is_refused(write: Write) -> None:
    """Two thousand files that extend one another took minutes."""
    for i in range(25):
        write(f"extends: ./e{i + 1}.yaml\n", f"e{i}.yaml")
    assert only_problem(write("extends: ./e1.yaml\n", "e0.yaml")).endswith("extends a chain of more than 20 files")


def test_copies_of_copies_of_copies_are_refused(child: Callable[..., Path]) -> None:
    """Eight rows of two kilobytes that copy one another part by part took minutes to copy."""
    parts = ("companies", "funding", "sites", "manufacturing", "hospital_lane", "regulation", "trust", "market")
    rows, last = [], "china"
    for name in "abcdef":
        copies = ", ".join(f"{part}: {{like: jurisdictions.{last}.{part}}}" for part in parts)
        rows.append(f"  {name}: {{like: jurisdictions.{last}, {copies}}}")
        last = name
    text = "jurisdictions:\n" + "\n".join(rows)
    assert "with this the copies come to more than 100,000 values" in only_problem(child(text))


def test_ten_thousand_mistakes_are_told_in_two_hundred(child: Callable[..., Path], write: Write) -> None:
    """Ten thousand sentences, each with the nearest of ten thousand names, took minutes and are read by nobody."""
    write("".join(f"s{i}: {{}}\n" for i in range(10_000)), "sources.yaml")
    assert len(problems(child(""))) == 201
    (child("").parent / "sources.yaml").unlink()
    names = ", ".join(f"k{i}" for i in range(10_000))
    for text in (
        f"science: {{spillover_share: {{value: 0.5, source: [{names}]}}}}",
        f"blocs: {{west: [us, {names}]}}",
        f"science: {{spillover_share: {{value: 0.5, {names.replace(',', ': 1,')}: 1}}}}",
    ):
        found = problems(child(text))
        assert len(found) == 201
        assert "200 problems are told here, and there may be more" in found[0]


def test_a_secret_is_not_told(child: Callable[..., Path], write: Write) -> None:
    """A scenario from a stranger may name any file of the reader as the world that it extends."""
    write("root: hunter2\nadmin: [x\n", "shadow")
    write("root: hunter2\nadmin: swordfish\n", "secrets.yaml")
    assert "expected the name of a scenario or the path of a YAML file" in only_problem(write("extends: ./shadow\n"))
    found = only_problem(write("extends: ./secrets.yaml\n"))
    assert found.startswith("secrets.yaml:1:1: is no scenario: none of its keys is one of blocs, description, ")
    assert not {"root", "hunter2", "admin", "swordfish"} & set(re.findall(r"\w+", found))


def test_no_problem_moves_the_terminal(tmp_path: Path) -> None:
    """A file name, a key or a value that a stranger chose could clear the screen or forge a line."""
    for name in ("a\x1b[2J.yaml", "a\nipsc-race: ok.yaml", "a\u202eb.yaml", "a\udcff.yaml"):
        found = str(problem(Place(str(tmp_path / name), 0, 0), name, name))
        assert found.isprintable(), found
        assert found.encode()
        with pytest.raises(ScenarioError) as caught:
            load(str(tmp_path / name))
        assert str(caught.value).isprintable()
        with pytest.raises(ScenarioError) as caught:
            load("null", [f"{name}=1", f"span.end_month={name}"])
        assert all(str(found).isprintable() for found in caught.value.problems)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """A folder, a pipe, a device, a missing file and an unknown name are told apart, and none is waited for."""
    os.mkfifo(tmp_path / "pipe.yaml")
    assert "is no file but a device or a pipe" in only_problem(tmp_path / "pipe.yaml")
    assert "is no file but a device or a pipe" in only_problem("/dev/zero")
    assert "no such file" in only_problem(tmp_path / "none.yaml")
    assert "is a folder" in only_problem(f"{tmp_path}{os.sep}")
    assert "no scenario is named 'zzz'; shipped: " in only_problem("zzz")
    assert "no scenario is named ''" in only_problem("")
    assert "cannot be read" in only_problem("a\0b.yaml") or "no such file" in only_problem("a\0b.yaml")


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("nonsense", "--set nonsense: 'nonsense' is not an override; expected PATH=VALUE"),
        ("title=", "--set title: 'title=' is not an override; expected PATH=VALUE"),
        ("science.spillover_share=2", "--set science.spillover_share: science.spillover_share is 2; expected a share"),
        (
            "science.spillover_shar=0.2",
            "is not in the scenario; did you mean science.spillover_share (unit: share (0 to 1))?",
        ),
        ("science.spillover_lag_weeks=2", "did you mean science.spillover_lag_months (unit: months)?"),
        ("jurisdictions.chna.sites.activation_months=2", "did you mean jurisdictions.china.sites.activation_months?"),
        (
            "science=2",
            "science is a part with many values; name one of them, such as science.knowledge_per_readout_count",
        ),
        ("science.spillover_share@2015=0.2", "'2015' is not a month such as 2018-11"),
        ("science.spillover_share=[1", "--set science.spillover_share: is not valid YAML"),
        ("science.spillover_share=*a", "--set science.spillover_share: anchors (&) and aliases (*) are not read"),
    ],
)
def test_a_wrong_override_names_itself(world: World, write: Write, override: str, said: str) -> None:
    """`--set` with a misspelt path must not run the unchanged world."""
    assert said in only_problem(write(world), [override])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(alphabet=st.sampled_from("ab:{}[]&*!#-? \n\t\"'<>|%0.,é\x00"), max_size=60))
@example("a: {b: 1")
@example("- - - -")
@example("%YAML 1.1\n---\n")
def test_no_text_brings_a_traceback(text: str) -> None:
    """Whatever is in the file, the answer is a world or a sentence."""
    try:
        read_text(text, "some.yaml")
    except ScenarioError as error:
        placed = [str(problem).startswith("some.yaml:") for problem in error.problems]
    else:
        placed = [True]
    assert all(placed)


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["value", "range", "grade", "changes", "like", "2015-01", "us", "science"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(
    st.sampled_from(
        [
            "science",
            "science.spillover_share",
            "blocs",
            "blocs.west",
            "jurisdictions.us",
            "jurisdictions",
            "title",
            "span",
            "jurisdictions.us.patients",
            "evidence.attrition",
            "jurisdictions.us.draw_key",
            "methods",
            "span.start_month",
        ]
    ),
    JUNK,
)
def test_junk_in_any_place_is_refused_in_words(world: World, write: Write, path: str, junk: object) -> None:
    """A wrong shape in one place must not break the reading of another."""
    with suppress(ScenarioError):
        load(write(world), {path: junk})
