"""What is asked of each route: its arguments by relation to the thing, the method, the data. One entry a route."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.applications import filled
from tests.permissions.world import World

# Who is asked for, by relation to the thing; everybody where nothing is said. One cast leaves out only people
# whose place another one of the cast has already (a second reviewer without the dossier, say).
NEAR = "anonymous suspended stranger signatory drafter other technical elsewhere "
OFFICE = "manager authority auditor analyst second_analyst secretary "
CASTS: dict[str, str] = {
    "draft": NEAR + "manager auditor analyst secretary claimant reviewer",
    "claimed": "anonymous stranger claimant signatory other manager analyst technical",
    "early": "anonymous stranger signatory other technical elsewhere chair " + OFFICE,
    "review": NEAR + OFFICE + "reviewer peer undeclared unassigned recused_reviewer recused_analyst chair",
    "decided": "anonymous stranger signatory drafter other elsewhere chair late_chair " + OFFICE,
    "late": "anonymous signatory other manager analyst secretary late_chair elsewhere technical",
    "reconsideration": "anonymous stranger signatory other technical elsewhere chair late_chair reviewer "
    + OFFICE,
    "refused": "anonymous stranger signatory other technical elsewhere late_chair reviewer " + OFFICE,
    "open": "anonymous stranger signatory drafter technical elsewhere claimant chair " + OFFICE,
    "account": "anonymous suspended stranger signatory manager auditor technical chair",
    "token": "anonymous suspended stranger manager",
    "key": "anonymous suspended stranger manager",
    "public": "anonymous suspended stranger signatory analyst manager reviewer technical",
}

Args = Callable[[World], tuple[Any, ...]]
MISSING = 999_999


@dataclass(frozen=True)
class Case:
    """One way to ask for a route."""

    relation: str
    args: Args
    data: dict[str, Any] = field(default_factory=dict)

    def sent(self, world: World) -> dict[str, Any]:
        """What the form sends; a file is made anew, a person is named by key."""
        data = dict(self.data)
        if data.pop("file_sent", False):
            data["file"] = filled.pdf("neuve.pdf")
        if "organisation" in data:
            data["organisation"] = world.things[data["organisation"]].pk
        if "user" in data:
            data["user"] = world.people[data["user"]].pk  # type: ignore[union-attr]
        return data


@dataclass(frozen=True)
class Route:
    """A route: which methods it answers, and what is asked of it."""

    cases: tuple[Case, ...]
    methods: str = "get"  # "get", "post" or "get post"
    gone: tuple[Any, ...] = ()  # arguments that name nothing

    def cast(self, case: Case, everybody: Iterable[str]) -> list[str]:
        """Who asks in this case."""
        wanted = CASTS.get(case.relation)
        return [one for one in everybody if (one in wanted.split() if wanted else one != "other_manager")]


def alone(methods: str = "get", relation: str = "page", **data: Any) -> Route:
    """A page without arguments."""
    return Route((Case(relation, lambda world: (), data),), methods)


def public(methods: str = "get", **data: Any) -> Route:
    """A page without arguments that is the same for everybody of a kind."""
    return alone(methods, "public", **data)


def of_dossier(
    *more: Any,
    methods: str = "get",
    on: str = "draft claimed early review decided late",
    file: bool = False,
    **data: Any,
) -> Route:
    """A page of a dossier, for a draft, one begun on a claim, one filed before the closing, and later ones."""

    def args(name: str) -> Args:
        def found(world: World) -> tuple[Any, ...]:
            own = (world.files[FILES[name]].pk,) if file else ()
            return (world.dossiers[name].pk, *own, *more)

        return found

    return Route(
        tuple(Case(name, args(name), data) for name in on.split()),
        methods,
        (MISSING, *((MISSING,) if file else ()), *more),
    )


SOON = "draft claimed early review decided"
FILES = {"draft": "draft", "early": "early", "review": "evaluation"}


def of_call(*more: Any, methods: str = "get", on: str = "open review decided", **data: Any) -> Route:
    """A page of a call."""

    def args(name: str) -> Args:
        return lambda world: (world.calls[name].code, *more)

    return Route(tuple(Case(name, args(name), data) for name in on.split()), methods, ("FLIN-ABSENT", *more))


def of_thing(name: str, *more: Any, methods: str = "get", **data: Any) -> Route:
    """A page of a row kept in `things`."""
    return Route((Case(name, lambda world: (world.things[name].pk, *more), data),), methods, (MISSING, *more))


def of_panel(*more: Any, methods: str = "get", dossier: bool = False, **data: Any) -> Route:
    """A page of a panel: open in review, locked under embargo."""

    def args(name: str) -> Args:
        def found(world: World) -> tuple[Any, ...]:
            inside = (world.dossiers[name].pk,) if dossier else ()
            return (world.panels[name].pk, *inside, *more)

        return found

    gone = (MISSING, *((MISSING,) if dossier else ()), *more)
    return Route(tuple(Case(name, args(name), data) for name in ("review", "decided")), methods, gone)


def of_assignment(*more: Any, methods: str = "get", **data: Any) -> Route:
    """A page of an assignment: accepted and handed in, offered, recused."""

    def args(name: str) -> Args:
        return lambda world: (world.assignments[name].pk, *more)

    roles = ("reviewer", "peer", "undeclared", "recused_reviewer")
    return Route(tuple(Case(name, args(name), data) for name in roles), methods, (MISSING, *more))


def of_decision(*more: Any, methods: str = "get", line: bool = False, **data: Any) -> Route:
    """A page of a decision: under embargo, and one whose letters left."""

    def args(name: str) -> Args:
        def found(world: World) -> tuple[Any, ...]:
            decision = world.decisions[name]
            inside = (decision.lines.order_by("position").values_list("pk", flat=True)[0],) if line else ()
            return (decision.pk, *inside, *more)

        return found

    gone = (MISSING, *((MISSING,) if line else ()), *more)
    return Route(tuple(Case(name, args(name), data) for name in ("decided", "late")), methods, gone)


def _item_of(world: World) -> tuple[Any, ...]:
    """A meeting and the first point of its agenda."""
    meeting = world.things["meeting"]
    return (meeting.pk, meeting.items.order_by("position").values_list("pk", flat=True)[0])


def of_user(*more: Any, methods: str = "get", **data: Any) -> Route:
    """A page about an account."""
    one = Case("account", lambda world: (world.people["stranger"].pk, *more), data)  # type: ignore[union-attr]
    return Route((one,), methods, (MISSING, *more))


def of_mailbox(*more: Any, methods: str = "get") -> Route:
    """A page of the demonstration about a person."""
    one = Case("manager", lambda world: (world.people["manager"].pk, *more))  # type: ignore[union-attr]
    return Route((one,), methods, (MISSING, *more))


def of_project() -> Route:
    """The public page of a project: a filed dossier, one under embargo, one whose letters left."""

    def args(name: str) -> Args:
        return lambda world: (world.dossiers[name].number,)

    names = ("early", "review", "decided", "late")
    return Route(tuple(Case(name, args(name)) for name in names), "get", ("FLIN-ABSENT-0001",))


def code_of_letter(name: str) -> Case:
    """The public code of a letter."""
    return Case(name, lambda world: (world.things[name].code,))


REASON = {"text": "Parce que.", "reason": "Parce que."}
ACCOUNTS: dict[str, Route] = {
    "account_login": public(),
    "account_request_login_code": public(),
    "account_confirm_login_code": public(),
    "account_inactive": public(),
    "account_logout": public("get post"),
    "account_signup": public(),
    "account_email_verification_sent": public(),
    "account_change_password": public(),
    "account_set_password": public(),
    "account_reset_password": public(),
    "account_reset_password_done": public(),
    "account_reset_password_from_key": Route((Case("key", lambda world: ("1", "set-password-x")),)),
    "account_reset_password_from_key_done": public(),
    "account_home": public(),
    "account_email": public(),
    "mfa_authenticate": public(),
    "account_reauthenticate": public(),
    "mfa_reauthenticate": public(),
    "factor": public(),
    "factor_enrol": public("get post", code="000000"),
    "factor_image": public(),
    "factor_codes": public(),
    "factor_codes_file": public(),
    "factor_renew": public("post"),
    "factor_off": public("get post", code="000000"),
    "my_sessions": public(),
    "end_session": of_thing("session", methods="post"),
    "end_other_sessions": public("post"),
    "organisations": alone(),
    "places": public(),
    "claim_search": public(),
    "claim_organisation": of_thing("rimouski", methods="get post", role="signatory"),
    "organisation_people": of_thing("adstock"),
    "organisation_contact": of_thing("adstock", methods="post", own_email="a@b.example", phone=""),
    "invite_member": of_thing("adstock", methods="post", email="x@y.example", role="drafter"),
    "remove_member": of_thing("drafter_mandate", methods="get post", **REASON),
    "hand_over": of_thing("signatory_mandate", methods="get post"),
    "replace_signatory": of_thing("signatory_mandate", methods="get post", **REASON),
    "cancel_invitation": of_thing("invitation", methods="post"),
    "invitation": public("get post"),
    "invitation_open": Route((Case("token", lambda world: ("jeton-inconnu",)),)),
    "claims": alone(),
    "claim": of_thing("claim"),
    "confirm_claim": of_thing("claim", methods="post"),
    "refuse_claim": of_thing("claim", methods="post", **REASON),
    "role_people": alone(),
    "object_roles": Route(
        (
            Case(
                "programme",
                lambda world: ("grants.programme", world.things["programme"].pk),
                {"role": "manager"},
            ),
            Case("call", lambda world: ("grants.call", world.calls["open"].pk), {"role": "manager"}),
            Case("panel", lambda world: ("review.panel", world.panels["review"].pk), {"role": "chair"}),
        ),
        "get post",
        ("grants.call", MISSING),
    ),
    "take_role": Route(
        (
            Case(
                "panel",
                lambda world: ("review.panel", world.panels["review"].pk),
                {"role": "reviewer", "user": "unassigned"},
            ),
        ),
        "post",
        ("grants.call", MISSING),
    ),
    "approve_role": of_thing("proposal", methods="post"),
    "refuse_role": of_thing("proposal", methods="post"),
    "directory": alone(),
    "organisation_create": alone("get post"),
    "organisation": of_thing("adstock"),
    "accounts": alone(),
    "health": alone(),
    "health_live": public(),
    "health_ready": public(),
    "health_work": public(),
    "account_create": alone("get post"),
    "account_detail": of_user(),
    "suspend_account": of_user(methods="post", **REASON),
    "reinstate_account": of_user(methods="post"),
    "unlock_account": of_user(methods="post"),
    "reset_factor": of_user(methods="post", **{"facteur-reason": "Parce que."}),
    "end_account_sessions": of_user(methods="post"),
    "work": alone(),
    "work_queue": Route((Case("page", lambda world: ("messages",)),), "get", ("absente",)),
    "work_retry": Route(
        (Case("page", lambda world: ("messages", world.things["secret_message"].pk)),),
        "post",
        ("messages", MISSING),
    ),
}
GRANTS: dict[str, Route] = {
    "front": alone(),
    "calls": alone(),
    "calls_calendar": alone(),
    "calls_feed": alone(),
    "call": of_call(),
    "call_form": of_call(on="open"),
    "call_calendar": of_call(on="open"),
    "call_ask": of_call(methods="get post", on="open", text="Une question"),
    "projects": alone(),
    "projects_file": alone(),
    "open_data": alone(),
    "dictionary": alone(),
    "dictionary_file": alone(),
    "csvw": alone(),
    "catalogue": alone(),
    "giving": alone(),
    "call_giving": of_call(),
    "project": of_project(),
    "manage_calls": alone(),
    "manage_call": of_call(),
    "manage_calendar": of_call(methods="get post", on="open review", reason="Non"),
    "manage_questions": of_call(methods="get post", on="open", text="Une question notée"),
    "manage_question": Route(
        (Case("question", lambda world: (world.calls["open"].code, world.things["question"].pk), {}),),
        "get post",
        ("FLIN-ABSENT", MISSING),
    ),
    "publish_answers": of_call(methods="post", on="open"),
    "manage_money": of_call(on="decided"),
    "manage_form": of_call(on="open"),
    "manage_rules": of_call(on="open"),
    "manage_grid": of_call(on="open"),
    "manage_process": of_call(on="open"),
    "manage_letters": of_call(on="open"),
    "manage_letter": of_call("L1", methods="get post", on="open", subject="Sujet", text="Texte"),
    "manage_people": of_call(on="open review"),
    "manage_targets": of_call(on="open review"),
    "call_verb": of_call("archive", methods="get post", on="open decided"),
}
APPLICATIONS: dict[str, Route] = {
    "start": of_call(methods="get post", on="open", organisation="adstock"),
    "dossier_edit": of_dossier(on=SOON),
    "section": of_dossier("projet", on="draft claimed early review"),
    "section_state": of_dossier("projet", on="draft early review"),
    "answer": of_dossier(
        "need", methods="get post", on="draft claimed early review decided", value="Autre", as_json=True
    ),
    "answer_history": of_dossier("need", methods="get post", on="draft claimed early review", version="1"),
    "file": of_dossier(on="draft early review", file=True),
    "file_remove": of_dossier(methods="post", on="draft early review", file=True),
    "file_add": of_dossier("resolution", methods="post", on="draft early review decided", file_sent=True),
    "check": of_dossier(on=SOON),
    "submit": of_dossier(methods="post", on="draft claimed early review", digest="x", submit_key="k"),
    "receipt": of_dossier(1, on="early review decided late"),
    "receipt_state": of_dossier(1, on="early review"),
    "dossier_partners": of_dossier(methods="get post", on=SOON, act="add"),
    "dossier_print": of_dossier(on=SOON),
    "dossier_copy": of_dossier(methods="get post", on="draft claimed early review"),
    "dossier_delete": of_dossier(methods="get post", on="draft claimed early review", sure="1"),
    "dossiers": alone(),
    "search": alone(q="cherchons capteurs"),
    "dossier": of_dossier(),
    "dossier_content": of_dossier(),
    "dossier_files": of_dossier(),
    "dossier_history": of_dossier(),
    "dossier_pdf": of_dossier(),
    "dossier_zip": of_dossier(),
    "completeness": of_dossier(on=SOON),
    "ask": of_dossier(methods="get post", on="early review"),
    "eligibility": of_dossier(on=SOON),
    "findings_confirm": of_dossier(methods="post", on="early review"),
    "aid_confirm": of_dossier(methods="post", on="early review", amount="1000", **REASON),
    "finding": of_dossier("R1", methods="get post", on="early review", answer="yes"),
    "countersign": of_dossier(on="draft early review decided"),
    "dossier_outcome": of_dossier("complete", methods="get post", on="draft early review", **REASON),
    "dossier_verb": of_dossier(
        "withdraw", methods="get post", on="draft early review decided late", **REASON
    ),
    "dossier_analyst": of_dossier(methods="get post", on="draft early review"),
}
REVIEW: dict[str, Route] = {
    "my_assignments": alone(),
    "declare_conflicts": alone("post"),
    "assignment": of_assignment(methods="get post", strengths="Autre"),
    "assignment_save": of_assignment(methods="post", strengths="Autre"),
    "sheet_verb": of_assignment("reopen", methods="post"),
    "assignment_verb": of_assignment("declare_conflict", methods="get post", **REASON),
    "panels": alone(),
    "panel_create": alone("get post"),
    "panel": of_panel(),
    "panel_date": of_panel(methods="get post", due="2030-01-01"),
    "panel_grid": of_panel(methods="get post", due="2030-01-01"),
    "panel_divergences": of_panel(),
    "panel_close": of_panel(methods="post"),
    "panel_verb": of_panel("lock", methods="get post", **REASON),
    "panel_dossier": of_panel(dossier=True),
    "panel_further": of_panel(dossier=True, methods="get post", **REASON),
    "panel_recuse": of_panel(dossier=True, methods="get post", **REASON),
    "panel_consensus": of_panel("C1", dossier=True, methods="get post", mark="3", **REASON),
    "ranking": of_panel(),
    "decisions": alone(),
    "engagements": alone(),
    "decision_start": Route((Case("locked", lambda w: (w.panels["decided"].pk,)),), "post", (MISSING,)),
    "decision_waiting_list": Route(
        (Case("volet", lambda w: (w.calls["late"].volets.get().pk,)),), "post", (MISSING,)
    ),
    "decision_waiting_end": Route(
        (Case("volet", lambda w: (w.calls["late"].volets.get().pk,)),), "post", (MISSING,)
    ),
    "decision": of_decision(),
    "decision_verb": of_decision("release", methods="get post", **REASON),
    "decision_line": of_decision(line=True, methods="get post", outcome="rejected", amount="0", **REASON),
    "panel_meetings": of_panel(),
    "meeting_create": of_panel(methods="get post", place="Salle 3"),
    "meeting": of_thing("meeting"),
    "meeting_presences": of_thing("meeting", methods="post"),
    "meeting_order": of_thing("meeting", methods="post", add="1"),
    "meeting_item": Route((Case("meeting", _item_of, {"note": "Vu."}),), "get post", (MISSING, MISSING)),
    "meeting_screen": Route((Case("meeting", _item_of),), "get", (MISSING, MISSING)),
    "meeting_verb": of_thing("meeting", "close", methods="get post"),
    "decision_reference": of_decision(line=True, methods="get post"),
    "decision_reference_file": of_decision(line=True),
    "decision_instants": of_decision(methods="get post"),
    "reconsiderations": alone(),
    "reconsideration_ask": of_dossier(methods="get post", on="refused", ground="fact", words="Encore."),
    "reconsideration": of_thing("reconsideration"),
    "reconsideration_file": of_thing("reconsideration"),
    "reconsideration_money": of_thing("reconsideration", methods="get post", amount="1000"),
    "reconsideration_verb": of_thing(
        "reconsideration", "send_back", methods="get post", motives="Autre", answer="reversed"
    ),
    "award": of_thing("award"),
    "award_verb": of_thing("partial", "confirm", methods="get post", **REASON),
}
NOTIFICATIONS: dict[str, Route] = {
    "verify": public("get post", code="ABCD"),
    "verify_code": Route(
        (code_of_letter("held_document"), code_of_letter("left_document")), "get", ("AAAA",)
    ),
    "document_pdf": Route(
        (of_thing("held_document").cases[0], of_thing("left_document").cases[0]), "get", (MISSING,)
    ),
    "minutes_pdf": of_panel(),
    "my_data": public(),
    "outbox": alone(),
    "message": Route(
        tuple(of_thing(name).cases[0] for name in ("message", "held_message", "secret_message")),
        "get",
        (MISSING,),
    ),
    "message_act": Route(
        tuple(of_thing(name, "liberer").cases[0] for name in ("message", "held_message", "secret_message")),
        "post",
        (MISSING, "liberer"),
    ),
    "batch": of_thing("batch"),
    "batch_act": of_thing("batch", "arreter", methods="post"),
    "to_applicants": of_call(methods="get post", on="open", subject="Sujet", body="Texte", key="cle-1"),
    "late": alone(),
    "late_fiches": alone(),
    "late_complements": alone(),
    "late_liberations": alone(),
    "demo": public(),
    "demo_sign_in": of_mailbox(methods="post"),
    "demo_mailbox": of_mailbox(),
    "demo_message": of_mailbox("un"),
    "demo_attachment": of_mailbox("un", 0),
}
LISTS = ("dossiers", "comites", "decisions", "envois", "comptes", "organismes", "mandats", "evaluations")
LISTS += ("roles", "appels-suivis", "reexamens")


def of_list(methods: str = "post", **data: Any) -> Route:
    """Every list by name: the ones that stand alone, those of a panel and of a batch."""
    cases = [Case(key, lambda world, key=key: (key,), data) for key in LISTS]
    for key in ("couverture", "classement", "divergences"):
        for name in ("review", "decided"):
            cases.append(Case(f"{key}-{name}", lambda w, key=key, name=name: (key, w.panels[name].pk), data))
    cases.append(Case("personnes", lambda world: ("personnes", world.things["adstock"].pk), data))
    cases.append(Case("envoi", lambda world: ("envoi", world.things["batch"].pk), data))
    return Route(tuple(cases), methods, ("rien",))


def of_audited() -> Route:
    """A dossier as its auditor reads it: in a call still open, of whose filing nothing is told, decided, over."""

    def args(name: str, call: str) -> Args:
        return lambda world: (world.calls[call].code, world.dossiers[name].pk)

    pairs = (("early", "open"), ("review", "review"), ("decided", "decided"), ("late", "late"))
    return Route(tuple(Case(name, args(name, call)) for name, call in pairs), "get", ("FLIN-ABSENT", MISSING))


AUDIT: dict[str, Route] = {
    "audit": alone(),
    "audit_call": of_call(),
    "audit_dossiers": of_call(),
    "audit_dossier": of_audited(),
    "audit_export": of_call(methods="post"),
    "why": of_decision(line=True),
    "why_case": of_decision("selection", line=True),
}
WEB: dict[str, Route] = {
    "session": public("get post"),
    "home": alone(),
    "help": public(),
    "help_guide": Route((Case("public", lambda world: ("gestion",)),), "get", ("nulle-part",)),
    "export": of_list(format="csv"),
    "exports": alone(),
    "export_job": of_thing("export"),
    "export_file": of_thing("export"),
    "export_cancel": of_thing("export", methods="post"),
    "views": alone(),
    "view_keep": of_list(nom="Ma vue"),
    "view_rename": of_thing("view", methods="post", nom="Autre nom"),
    "view_remove": of_thing("view", methods="post"),
}

ROUTES: dict[str, Route] = {**ACCOUNTS, **GRANTS, **APPLICATIONS, **REVIEW, **NOTIFICATIONS, **AUDIT, **WEB}
