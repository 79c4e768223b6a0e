"""Only the engine writes a state, only two receivers listen, nobody asks has_perm, every verb says who."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.house import source

WRITTEN_BY_THE_ENGINE = {"state", "stage", "outcome"}
WRITERS = {"update", "bulk_update", "create", "bulk_create", "get_or_create", "update_or_create"}


# Rows that are work to do later, no subject of the engine: their state is the worker's mark.
WORK_ROWS = {
    "notifications": "messages, documents and batches, claimed by the worker with conditional updates"
}
RECEIVERS = {
    "workflows": "post_migrate: the triggers of the trail",
    "notifications": "event_recorded: the relay's nudge",
    "config": "worker_ready of Celery: a worker that comes back looks at what is due, touches no row",
    "web": "user_logged_in: stamps the new session in the write that creates it, touches no business row",
}


def outside_the_engine() -> list[Path]:
    exempt = {"workflows", *WORK_ROWS}
    return [p for p in source.product_files() if p.relative_to(source.ROOT).parts[0] not in exempt]


def state_writes(path: Path) -> Iterator[str]:
    """`x.state = …`, `.update(state=…)`, `setattr(x, "state", …)` and `bulk_update(rows, ["state"])`."""
    for node in ast.walk(source.tree(path)):
        targets: list[ast.expr] = []
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.AugAssign):
            targets = [node.target]
        for target in targets:
            if isinstance(target, ast.Attribute) and target.attr in WRITTEN_BY_THE_ENGINE:
                yield f"{source.name(path)}:{node.lineno} .{target.attr} ="
    for call, called in source.calls(path):
        if called == "update" and isinstance(call.func, ast.Attribute):
            for keyword in call.keywords:
                if keyword.arg == "state" and not plain_dict(call.func.value):
                    yield f"{source.name(path)}:{call.lineno} .update(state=…)"
        if called in {"setattr", "bulk_update"}:
            words = {n.value for n in ast.walk(call) if isinstance(n, ast.Constant)}
            if words & WRITTEN_BY_THE_ENGINE:
                yield f"{source.name(path)}:{call.lineno} {called}(…)"


def plain_dict(value: ast.expr) -> bool:
    """`context.update(state=…)` fills a dictionary, no row."""
    return isinstance(value, ast.Name) and value.id in {"context", "data", "facts", "values", "extra"}


def test_no_state_is_written_outside_the_engine():
    assert [line for path in outside_the_engine() for line in state_writes(path)] == []


def test_no_transition_is_called_outside_the_engine():
    imports = [
        source.name(path)
        for path in outside_the_engine()
        for node in ast.walk(source.tree(path))
        if (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "django_fsm")
        or (isinstance(node, ast.Import) and any(a.name.split(".")[0] == "django_fsm" for a in node.names))
    ]
    assert imports == []


def test_receivers_of_signals():
    """One each, for the reason that is written down; nothing happens behind the back of a save."""
    found = []
    for path in source.product_files():
        for call, called in source.calls(path):
            owner = call.func.value if isinstance(call.func, ast.Attribute) else None
            if called == "connect" and ast.unparse(owner or ast.Name("")) not in {"sqlite3", "psycopg"}:
                found.append(source.name(path))
        for node in ast.walk(source.tree(path)):
            for decorator in getattr(node, "decorator_list", []):
                if ast.unparse(decorator).split("(")[0].split(".")[-1] == "receiver":
                    found.append(source.name(path))
    apps = [path.split("/")[0] for path in found]
    assert len(set(apps)) == len(apps), found
    assert set(apps) <= set(RECEIVERS), found


def test_nobody_asks_has_perm():
    """has_perm passes superusers; rights are read in accounts.permissions."""
    asked = [
        f"{source.name(path)}:{call.lineno}"
        for path in source.product_files()
        for call, called in source.calls(path)
        if called in {"has_perm", "has_perms", "has_module_perms", "permission_required"}
    ]
    assert asked == []
    assert [source.name(p) for p in source.templates() if "perms." in source.text(p)] == []


def declared_verbs() -> list[tuple[type, str]]:
    """Each verb of each subject, the samples of the engine's own tests left out."""
    from django.apps import apps

    from workflows.lifecycle import Subject, verbs_of

    subjects = [m for m in apps.get_models() if issubclass(m, Subject) and m._meta.app_label in source.APPS]
    return [(model, name) for model in subjects for name in verbs_of(model)]


def test_each_verb_says_who_and_what():
    from workflows.lifecycle import verbs_of

    for model, name in declared_verbs():
        verb = verbs_of(model)[name]
        where = f"{model.__name__}.{name}"
        assert callable(verb.who), f"{where} says not who"
        assert str(verb.label).strip(), f"{where} has no label"
        assert (getattr(model, name).__doc__ or "").strip(), f"{where} has no docstring"


def test_no_work_is_announced_by_a_view():
    """Mail leaves from the outbox alone."""
    senders = [
        f"{source.name(path)}:{call.lineno}"
        for path in source.product_files()
        for call, called in source.calls(path)
        if called in {"send_mail", "send_mass_mail", "EmailMessage", "EmailMultiAlternatives"}
        and path.relative_to(source.ROOT).parts[0] != "notifications"
    ]
    assert senders == []


def test_no_atomic_requests():
    from django.conf import settings

    assert not settings.DATABASES["default"].get("ATOMIC_REQUESTS")


def test_the_sample_of_the_scan():
    """The scan finds what it looks for (a scan that finds nothing anywhere proves nothing)."""
    from tests.house import sample_writes

    assert len(list(state_writes(Path(sample_writes.__file__)))) == 4
