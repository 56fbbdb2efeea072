"""Errors whose text is meant for the person at the keyboard."""

from __future__ import annotations


class UserError(Exception):
    """Something the user can put right: one sentence, what is wrong and what to do.

    The command line prints it as one line and exits with 1; a window shows it as a banner.
    """
