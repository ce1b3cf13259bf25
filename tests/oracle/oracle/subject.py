"""The organisation that an entry is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import obey
from .leaf import KINDS, Leaf
from .record import Organisation

if TYPE_CHECKING:
    from .state import State


def about(subject: str, leaf: Leaf) -> None:
    """The payload names the subject of the leaf."""
    obey(subject == leaf.subject, "SubjectDiffers")


def with_did(state: State, leaf: Leaf, or_ended: bool = False) -> Organisation:
    """The subject's record, to be changed."""
    obey(leaf.subject in state.organisations, "DidMissing")
    organisation = state.organisations[leaf.subject]
    obey(or_ended or not organisation.deactivated, "DidDeactivated")
    return organisation.copy()


def write(state: State, leaf: Leaf, organisation: Organisation):
    """What puts the record in its place, with the new head of its chain."""
    organisation.heads[KINDS[leaf.kind].part] = leaf.head(state.size)

    def change():
        state.organisations[organisation.did] = organisation

    return change
