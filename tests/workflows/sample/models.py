"""Folders and drawers: subjects that exist in tests only."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from tests.workflows.sample.lifecycle import DrawerLifecycle, FolderLifecycle, State
from workflows.lifecycle import SubjectQuerySet, state_check


class FolderQuerySet(SubjectQuerySet[Any]):
    def visible_to(self, user: Any) -> Any:
        return self.filter(Q(owner=user) | Q(is_secret=False))


class EveryoneQuerySet(SubjectQuerySet[Any]):
    def visible_to(self, user: Any) -> Any:
        return self.all()


class Drawer(DrawerLifecycle):
    count = models.PositiveIntegerField(default=0)
    objects = EveryoneQuerySet.as_manager()

    def chain_code(self) -> str:
        return "site"


class Folder(FolderLifecycle):
    title = models.CharField(max_length=50, blank=True)
    number = models.PositiveIntegerField(default=0)
    submits = models.PositiveIntegerField(default=0)
    is_secret = models.BooleanField(default=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    drawer = models.ForeignKey(Drawer, null=True, on_delete=models.CASCADE)
    objects = FolderQuerySet.as_manager()

    class Meta:
        constraints = [state_check(State, "sample_folder_state")]

    def chain_code(self) -> str:
        return "TI-2026"

    def count_submit(self) -> None:
        self.submits += 1
