"""Questions of a call: the page where one is asked, and the manager's pages where they are answered."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from grants import rules
from grants.actions import questions
from grants.forms import AnswerForm, AskForm, NoteForm
from grants.models import Call, CallQuestion, QuestionState
from grants.views.frame import call_of, frame
from web import home
from web.formats import tr
from web.http import see_other
from workflows.engine import Refused

SIGNS = {
    QuestionState.RECEIVED: "now",
    QuestionState.READY: "in_progress",
    QuestionState.PUBLISHED: "ok",
    QuestionState.SET_ASIDE: "draft",
}
MOST = 200  # questions on the manager's page


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, code: str) -> HttpResponse:
    """Ask a question of a published call; what was typed stays when it is refused."""
    call = get_object_or_404(Call.objects.public(), code=code)
    form = AskForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                questions.ask(call, form.cleaned_data["text"], actor=request.user)
            except Refused as refused:
                form.add_error("text", " ".join(refused.reasons))
            else:
                messages.success(
                    request, _("Votre question est reçue. La réponse sera publique, pour tout le monde.")
                )
                return see_other("call_ask", call.code)
    context = {
        "call": call,
        "form": form,
        "closed": questions.why_closed(call),
        "mine": list(call.questions.filter(asked_by=request.user.pk).order_by("-pk")[:20]),
        "base": "base_staff.html" if home.is_staff(request.user) else "base_applicant.html",
        "crumbs": [
            (_("Appels de projets"), reverse("calls")),
            (tr(call.title), reverse("call", args=[call.code])),
            (_("Poser une question"), ""),
        ],
    }
    return render(request, "grants/ask.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def listed(request: HttpRequest, code: str) -> HttpResponse:
    """The questions of a call, those that wait first; a manager notes one that came otherwise."""
    call = call_of(request, code)
    may = rules.is_manager(request.user, call)
    form, status = NoteForm(request.POST if request.method == "POST" and may else None), 200
    if request.method == "POST":
        if not may:
            raise Http404
        status = 422
        if form.is_valid():
            try:
                made = questions.note(call, form.cleaned_data["text"], actor=request.user)
            except Refused as refused:
                form.add_error("text", " ".join(refused.reasons))
            else:
                return see_other("manage_question", call.code, made.pk)
    found = list(call.questions.order_by("-pk")[:MOST])
    rank = list(SIGNS)
    found.sort(key=lambda one: rank.index(QuestionState(one.status)))
    context = frame(
        request,
        call,
        "manage_questions",
        form=form,
        rows=[(one, SIGNS[QuestionState(one.status)]) for one in found],
        ready=sum(one.status == QuestionState.READY for one in found),
    )
    return render(request, "grants/manage_questions.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """One question: its public wording and answer, or why it stays unpublished."""
    call = call_of(request, code)
    question = get_object_or_404(call.questions.select_related("asked_by", "call"), pk=pk)
    may = rules.is_manager(request.user, call) and question.status != QuestionState.PUBLISHED
    form = AnswerForm(request.POST if request.method == "POST" else None, question=question)
    status = 200
    if request.method == "POST":
        if not rules.is_manager(request.user, call):
            raise Http404
        status = 422
        if form.is_valid() and _answer(request, question, form):
            return see_other("manage_questions", call.code)
    context = frame(
        request, call, "manage_questions", question=question, form=form, may_answer=may,
        sign=SIGNS[QuestionState(question.status)],
    )  # fmt: skip
    return render(request, "grants/manage_question.html", context, status=status)


def _answer(request: HttpRequest, question: CallQuestion, form: AnswerForm) -> bool:
    data: dict[str, Any] = form.cleaned_data
    try:
        if request.POST.get("act") == "set_aside":
            questions.set_aside(question, data["reason"], actor=request.user)
            messages.success(request, _("La question est mise de côté."))
        else:
            questions.prepare(question, form.words("wording"), form.words("answer"), actor=request.user)
            messages.success(request, _("La réponse est prête. Elle paraîtra avec les autres."))
    except Refused as refused:
        form.add_error(None, " ".join(refused.reasons))
        return False
    return True


@require_POST
def publish(request: HttpRequest, code: str) -> HttpResponse:
    """Make every ready answer public, at once."""
    call = call_of(request, code)
    if not rules.is_manager(request.user, call):
        raise Http404
    try:
        messages.success(request, questions.published_words(questions.publish(call, actor=request.user)))
    except Refused as refused:
        messages.error(request, " ".join(refused.reasons))
    return see_other("manage_questions", call.code)
