"""A decision of the authority: lines, approvals as rows, the hash that was signed, its own two instants."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Sum

from grants import bands
from grants.lifecycle.decision import DecisionLifecycle, DecisionState
from grants.models.call import BudgetLine, Call, Volet
from grants.obstacles import obstacles
from grants.querysets import DecisionQuerySet
from web import clock
from workflows import providers
from workflows.chain import canonical


def instant_text(instant: datetime) -> str:
    """An instant as it is signed: UTC, to the second."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class DecisionKind(models.TextChoices):
    """Why a decision is taken."""

    MAIN = "main"
    WAITING_LIST = "waiting_list"  # money that came back goes to the list
    CORRECTION = "correction"  # supersedes lines of an earlier one, before its letters
    RECONSIDERATION = "reconsideration"  # one line, for a dossier whose refusal was reversed


class Decision(DecisionLifecycle):
    """Lines that the authority signs at once; what is signed is the digest of the canonical `body`."""

    lock_rank = 30

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="decisions")
    volet = models.ForeignKey(Volet, on_delete=models.PROTECT, related_name="decisions")
    kind = models.CharField(max_length=20, choices=DecisionKind.choices, default=DecisionKind.MAIN)
    number = models.PositiveIntegerField()  # within the call
    supersedes = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="superseded_by")
    reason = models.TextField(blank=True)
    selection_input = models.TextField()  # canonical JSON given to review.selection
    selection_result = models.TextField()  # canonical JSON it gave
    body = models.TextField(blank=True)  # canonical JSON of input, result, lines and instants
    digest = models.CharField(max_length=71, blank=True)
    letters_at = models.DateTimeField(db_index=True)
    publish_at = models.DateTimeField(db_index=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    returned_reason = models.TextField(blank=True)
    signed_at = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True)
    executed_at = models.DateTimeField(null=True)  # every line that stands was carried out

    objects = DecisionQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["call", "number"], name="decision_number_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=DecisionState.values), name="decision_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(publish_at__gte=models.F("letters_at")),
                name="decision_publish_after_letters",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.call_id} #{self.number}"

    def chain_code(self) -> str:
        """Events of a decision are in the chain of its call."""
        return self.call.code

    # --- what is signed -------------------------------------------------------------------------------
    def freeze(self) -> None:
        """Write the canonical text of input, result, lines and instants, and its hash."""
        edition = self.call.edition
        known = bands.bands_of(edition.content) if edition is not None else ()
        lines = [
            {**line.as_signed(), **bands.as_signed(line, known)}
            for line in self.lines.filter(voided_at__isnull=True)
        ]
        content = {
            "call": self.call.code,
            "volet": self.volet.code,
            "decision": self.number,
            "kind": self.kind,
            "supersedes": self.supersedes.number if self.supersedes else None,
            "reason": self.reason,
            "selection_input": self.selection_input,
            "selection_result": self.selection_result,
            "lines": lines,
            "letters_at": instant_text(self.letters_at),
            "publish_at": instant_text(self.publish_at),
        }
        self.body = canonical(content)
        self.digest = "sha256:" + hashlib.sha256(self.body.encode()).hexdigest()

    def standing(self) -> models.QuerySet[DecisionLine]:
        """Lines that were not voided."""
        return self.lines.filter(voided_at__isnull=True)

    def is_correction(self) -> bool:
        """Whether it replaces lines of another decision."""
        return self.supersedes_id is not None and self.kind == DecisionKind.CORRECTION

    def is_after_refusal(self) -> bool:
        """Whether it grants what an earlier decision refused: decided again, or a correction of such a one."""
        if self.supersedes is not None and self.is_correction():
            return self.supersedes.is_after_refusal()
        return self.kind == DecisionKind.RECONSIDERATION

    def ended_lines(self) -> list[DecisionLine]:
        """Standing lines whose dossier ended otherwise (withdrawn) since they were written."""
        lines = list(self.standing().filter(executed_at__isnull=True))
        keys, again = [line.dossier_id for line in lines], self.is_after_refusal()
        ended = providers.fact("applications.Dossier", "ended", keys, after_refusal=again)
        return [line for line in lines if line.dossier_id in ended]

    def drop_ended(self) -> None:
        """Void the lines of a decision in preparation whose dossier ended."""
        gone = [line.pk for line in self.ended_lines()]
        if gone:
            self.lines.filter(pk__in=gone).update(voided_at=clock.now(), void_reason="withdrawn")

    def promised(self) -> int:
        """Dollars that the standing lines promise."""
        return int(self.standing().aggregate(total=Sum("amount"))["total"] or 0)

    def line_obstacles(self) -> list[str]:
        """Sentences of what stops the signature of a line."""
        return obstacles(*self.standing().filter(outcome__in=PAID))

    # --- approvals ------------------------------------------------------------------------------------
    def approve(self, step: str, user: Any) -> None:
        """Write an approval of the present hash, and the instant of the acts that count."""
        now = clock.now()
        self.approvals.create(step=step, user=user, at=now, digest=self.digest)
        if step == ApprovalStep.SIGNED:
            self.signed_at = now
        elif step == ApprovalStep.RELEASE_AUTHORITY:
            self.released_at = now

    def cancel_approvals(self) -> None:
        """Any change cancels the earlier approvals."""
        self.approvals.filter(cancelled_at__isnull=True).update(cancelled_at=clock.now())

    def has_approval(self, step: str) -> bool:
        """Whether an approval of this step stands on the present hash."""
        return self.approvals.filter(step=step, cancelled_at__isnull=True, digest=self.digest).exists()

    def proposer_id(self) -> int | None:
        """Who proposed what is on the table."""
        standing = self.approvals.filter(step="proposed", cancelled_at__isnull=True)
        return standing.values_list("user_id", flat=True).first()

    # --- money ----------------------------------------------------------------------------------------
    def budget_line(self) -> BudgetLine:
        """The envelope it draws on, as stored now."""
        return BudgetLine.objects.get(volet=self.volet_id)

    def replaced_lines(self) -> models.QuerySet[DecisionLine]:
        """Lines of the decision it corrects, about the same dossiers, that still stand."""
        if not self.is_correction():
            return DecisionLine.objects.none()
        mine = self.standing().values("dossier_id")
        return DecisionLine.objects.filter(
            decision=self.supersedes_id, voided_at__isnull=True, executed_at__isnull=True, dossier_id__in=mine
        )

    def money_back(self) -> int:
        """Dollars that the lines it replaces give back."""
        if self.supersedes is None or self.supersedes.state not in ("signed", "released"):
            return 0
        return int(self.replaced_lines().aggregate(total=Sum("amount"))["total"] or 0)

    def take_over_lines(self) -> list[int]:
        """Void the lines it replaces and free their money; called under the locks of signing."""
        back = self.money_back()
        lines = list(self.replaced_lines().values_list("pk", flat=True))
        if lines:
            DecisionLine.objects.filter(pk__in=lines).update(voided_at=clock.now(), void_reason="superseded")
            BudgetLine.objects.filter(volet=self.volet_id).update(committed=F("committed") - back)
        return lines

    def commit_money(self) -> None:
        """Move the promised dollars on the budget line; the database refuses to go over."""
        BudgetLine.objects.filter(volet=self.volet_id).update(committed=F("committed") + self.promised())

    def void(self, line: int, cause: str) -> int:
        """Void one line that was not carried out and free its money; dollars freed."""
        row = self.lines.get(pk=line, voided_at__isnull=True, executed_at__isnull=True)
        self.lines.filter(pk=line).update(voided_at=clock.now(), void_reason=cause)
        BudgetLine.objects.filter(volet=self.volet_id).update(committed=F("committed") - row.amount)
        return row.amount


class LineOutcome(models.TextChoices):
    """What a line decides for a dossier."""

    ACCEPTED = "accepted"
    PARTIAL = "partial"
    WAITLISTED = "waitlisted"
    REJECTED = "rejected"


PAID = (LineOutcome.ACCEPTED, LineOutcome.PARTIAL)


class DecisionLine(models.Model):
    """What is decided for one dossier; the dossier is named by key and its facts are copied."""

    decision = models.ForeignKey(Decision, on_delete=models.CASCADE, related_name="lines")
    dossier_id = models.BigIntegerField(db_index=True)
    dossier_number = models.CharField(max_length=60)
    title = models.CharField(max_length=300)
    beneficiary = models.CharField(max_length=200)
    region_code = models.CharField(max_length=2, blank=True)
    position = models.PositiveIntegerField()  # order on the page
    rank = models.PositiveIntegerField(null=True)
    score = models.CharField(max_length=40, blank=True)  # exact fraction
    proposed = models.CharField(max_length=20, choices=LineOutcome.choices)  # by the rule
    proposed_amount = models.PositiveBigIntegerField(default=0)
    outcome = models.CharField(max_length=20, choices=LineOutcome.choices)
    amount = models.PositiveBigIntegerField(default=0)
    requested = models.PositiveBigIntegerField(default=0)
    source = models.CharField(max_length=40, blank=True)  # pool or the name of a reserve
    departure_reason = models.TextField(blank=True)  # where outcome or amount is not what the rule proposed
    reference = models.JSONField(default=dict)  # outside approval: band, body, number, date, document
    voided_at = models.DateTimeField(null=True)
    void_reason = models.CharField(max_length=300, blank=True)
    executed_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["decision", "dossier_id"], name="decision_line_once"),
        ]

    def __str__(self) -> str:
        return f"{self.decision_id}: {self.dossier_number} {self.outcome}"

    def departs(self) -> bool:
        """Whether the line is not what the rule proposed."""
        return (self.outcome, self.amount) != (self.proposed, self.proposed_amount)

    def as_signed(self) -> dict[str, Any]:
        """What the signature covers of this line."""
        return {
            "dossier": self.dossier_number,
            "outcome": self.outcome,
            "amount": self.amount,
            "requested": self.requested,
            "source": self.source,
            "rank": self.rank,
            "score": self.score,
            "proposed": self.proposed,
            "proposed_amount": self.proposed_amount,
            "departure_reason": self.departure_reason,
        }


class ApprovalStep(models.TextChoices):
    """Acts that make a decision effective, in order."""

    PROPOSED = "proposed"
    SIGNED = "signed"
    RELEASE_MANAGER = "release_manager"
    RELEASE_AUTHORITY = "release_authority"


class DecisionApproval(models.Model):
    """One act of one person on one digest; any change of the decision cancels the earlier ones."""

    decision = models.ForeignKey(Decision, on_delete=models.CASCADE, related_name="approvals")
    step = models.CharField(max_length=20, choices=ApprovalStep.choices)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    digest = models.CharField(max_length=71)
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["decision", "step"],
                condition=models.Q(cancelled_at__isnull=True),
                name="approval_standing_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.decision_id} {self.step} {self.user_id}"
