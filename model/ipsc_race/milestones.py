"""The milestones a programme can reach, the stages it passes, and why it stops: one number each, stable for ever."""

from __future__ import annotations

# Milestones, as recorded in `milestones.parquet`.
COMPANY_FOUNDED = 1
PROGRAMME_STARTED = 2
HOSPITAL_STUDY_OPENED = 3
FIRST_IN_HUMAN = 4
IND_FILED = 5
IND_CLEARED = 6
PHASE_1_STARTED = 7
PHASE_1_READ_OUT = 8
PHASE_2_STARTED = 9
PHASE_2_READ_OUT = 10
PHASE_3_STARTED = 11
PHASE_3_READ_OUT = 12
PROOF_OF_CONCEPT = 13
HOLD_PLACED = 14
HOLD_LIFTED = 15
FILED = 16
CONDITIONALLY_APPROVED = 17
APPROVED = 18
CONFIRMATION_STARTED = 19
CONFIRMATION_MET = 20
WITHDRAWN = 21
TRANSLATED_AT_HOME = 22
CAMPAIGN_STOPPED = 23
PROGRAMME_STOPPED = 24
COMPANY_CLOSED = 25
HOSPITAL_STUDY_READ_OUT = 26
REDESIGNED = 27
SERIOUS_HARM = 28
COMPARABILITY_LOST = 29
LICENSED_OUT = 30
PARTNER_LEFT = 31
BOUGHT_OUT = 32
HUNDREDTH_PATIENT = 33
THOUSANDTH_PATIENT = 34
SETTLED_AT_HOME = 35
TRANSLATION_ENDED = 36
PHASES_JOINED = 37
FILING_REFUSED = 38
ACCRUAL_FAILED = 39
HANDED_OVER = 40

MILESTONES: dict[int, str] = {
    COMPANY_FOUNDED: "company_founded",
    PROGRAMME_STARTED: "programme_started",
    HOSPITAL_STUDY_OPENED: "hospital_study_opened",
    FIRST_IN_HUMAN: "first_in_human",
    IND_FILED: "ind_filed",
    IND_CLEARED: "ind_cleared",
    PHASE_1_STARTED: "phase_1_started",
    PHASE_1_READ_OUT: "phase_1_read_out",
    PHASE_2_STARTED: "phase_2_started",
    PHASE_2_READ_OUT: "phase_2_read_out",
    PHASE_3_STARTED: "phase_3_started",
    PHASE_3_READ_OUT: "phase_3_read_out",
    PROOF_OF_CONCEPT: "proof_of_concept",
    HOLD_PLACED: "hold_placed",
    HOLD_LIFTED: "hold_lifted",
    FILED: "filed",
    CONDITIONALLY_APPROVED: "conditionally_approved",
    APPROVED: "approved",
    CONFIRMATION_STARTED: "confirmation_started",
    CONFIRMATION_MET: "confirmation_met",
    WITHDRAWN: "withdrawn",
    TRANSLATED_AT_HOME: "translated_at_home",
    CAMPAIGN_STOPPED: "campaign_stopped",
    PROGRAMME_STOPPED: "programme_stopped",
    COMPANY_CLOSED: "company_closed",
    HOSPITAL_STUDY_READ_OUT: "hospital_study_read_out",
    REDESIGNED: "redesigned",
    SERIOUS_HARM: "serious_harm",
    COMPARABILITY_LOST: "comparability_lost",
    LICENSED_OUT: "licensed_out",
    PARTNER_LEFT: "partner_left",
    BOUGHT_OUT: "bought_out",
    HUNDREDTH_PATIENT: "hundredth_patient_treated",
    THOUSANDTH_PATIENT: "thousandth_patient_treated",
    SETTLED_AT_HOME: "settled_at_home",
    TRANSLATION_ENDED: "translation_ended",
    PHASES_JOINED: "phases_joined",
    FILING_REFUSED: "filing_refused",
    ACCRUAL_FAILED: "accrual_failed",
    HANDED_OVER: "handed_over",
}

# Why something stopped.
NO_REASON = 0
FUTILITY = 1
SAFETY = 2
HOLD_NOT_LIFTED = 3
REFUSED = 4
OUT_OF_CASH = 5
CONFIRMATION_FAILED = 6
DEADLINE_MISSED = 7
GIVEN_RATE = 8
RIVAL_FAILED = 9
TOO_FEW_PATIENTS = 10
CONTENT = 11
NO_MARKET = 12

REASONS: dict[int, str] = {
    NO_REASON: "",
    FUTILITY: "futility",
    SAFETY: "safety",
    HOLD_NOT_LIFTED: "hold not lifted",
    REFUSED: "refused",
    OUT_OF_CASH: "out of cash",
    CONFIRMATION_FAILED: "confirmation failed",
    DEADLINE_MISSED: "deadline missed",
    GIVEN_RATE: "failed at the given rate",
    RIVAL_FAILED: "a rival failed",
    TOO_FEW_PATIENTS: "too few patients",
    CONTENT: "content with hospitals at home",
    NO_MARKET: "no market that would pay for it",
}

# Where the cells of a product come from.
REPROGRAMMED = 0  # induced pluripotent stem cells
EMBRYONIC = 1
CELL_SOURCES: dict[int, str] = {REPROGRAMMED: "reprogrammed", EMBRYONIC: "embryonic"}

# Who stands behind a programme.
COMPANY = 0
INSTITUTE = 1  # hospital, university or public institute: it does not go bankrupt
SPONSORS: dict[int, str] = {COMPANY: "company", INSTITUTE: "institute"}

# Lanes.
NO_LANE = 0
HOSPITAL = 1
REGISTRATION = 2
LANES: dict[int, str] = {NO_LANE: "", HOSPITAL: "hospital", REGISTRATION: "registration"}

# Stages of a campaign, in order: a programme before the regulator of a jurisdiction, or in the hospitals at home.
NOT_OPEN = 0
HOSPITAL_REVIEW = 1
HOSPITAL_STUDY = 2
REDESIGN = 3
IND_PREPARATION = 4
IND_REVIEW = 5
PHASE_1 = 6
PHASE_2 = 7
PHASE_3 = 8
FILING = 9
APPROVAL_REVIEW = 10
ON_MARKET_CONDITIONAL = 11
ON_MARKET = 12
CLOSED = 13
CONFIRMATION = 14
AWAITING_MONEY = 15
SETTLED_IN_HOSPITALS = 16  # sold in hospitals at home, and content with it
IN_HOSPITALS = 17  # sold in hospitals at home beside its registration

# The milestones of a trial, by its stage; 0 where there is none.
OPENED: tuple[int, ...] = tuple(
    {
        HOSPITAL_STUDY: HOSPITAL_STUDY_OPENED,
        PHASE_1: PHASE_1_STARTED,
        PHASE_2: PHASE_2_STARTED,
        PHASE_3: PHASE_3_STARTED,
        CONFIRMATION: CONFIRMATION_STARTED,
    }.get(stage, 0)
    for stage in range(CONFIRMATION + 1)
)
READ_OUT: tuple[int, ...] = tuple(
    {
        HOSPITAL_STUDY: HOSPITAL_STUDY_READ_OUT,
        PHASE_1: PHASE_1_READ_OUT,
        PHASE_2: PHASE_2_READ_OUT,
        PHASE_3: PHASE_3_READ_OUT,
    }.get(stage, 0)
    for stage in range(CONFIRMATION + 1)
)

# What goes on within a trial.
START_UP = 1
ENROLLING = 2
FOLLOW_UP = 3
DECIDING = 4  # read out; the developer decides
REVIEWED = 5  # an IND review that ended in a hold

# Grades of evidence.
HOSPITAL_GRADE = 0
EXPLORATORY_GRADE = 1
PIVOTAL_GRADE = 2
GRADES: tuple[str, ...] = ("hospital", "exploratory", "pivotal")

# Gates of a regulator: they key the position of each gate for a programme.
PHASE_2_ENTRY = 1
PHASE_3_ENTRY = 2
CONDITIONAL_APPROVAL = 3
FULL_APPROVAL = 4
CONFIRMATION_GATE = 5
TRANSLATION_GATE = 6

# Status of a programme.
PRECLINICAL = 1
CLINICAL = 2
STOPPED = 3

# Strategies of a company.
HOME_FIRST = 0
PARALLEL = 1
ABROAD_FIRST = 2

EXOGENOUS_GATE = 0  # the stage that keys the given pass or fail of preclinical work
EXOGENOUS = 1  # evidence.attrition, durations: the position of the word in the scenario's type
EXPONENTIAL = 1
