"""What ``--backend`` is asked for: whether there is such a thing, and why it cannot serve."""

from __future__ import annotations

import re

from unmask_live.errors import UserError

_AROUND = re.compile(r"nothing can run the \S+ network here \((.*)\)", re.DOTALL)


def check_backend(name: str) -> None:
    """Raise UserError if there is no such backend, or no such choice of it.

    Whether it can serve only opening tells.
    """
    from unmask_live.runtime.choose import CHOICES, backend_names  # late: the doctor may lack numpy

    kind, _, choice = name.partition(":")
    known = backend_names()
    if name != "auto" and kind not in known:
        raise UserError(
            f"there is no backend {name!r}: choose {_either('auto', *known)}, or one of their "
            "choices, such as openvino:fp32"
        )
    if choice and choice not in CHOICES.get(kind, (choice,)):
        listed = _either(kind, *(f"{kind}:{one}" for one in CHOICES[kind]))
        raise UserError(f"there is no backend {name!r}: choose {listed}")


def inner_reason(text: str) -> str:
    """Return why nothing runs a network, without the network that `open_engine` names."""
    found = _AROUND.fullmatch(text)
    return found.group(1) if found else text


def reason_of(error: UserError | str, backend: str) -> str:
    """Return a backend's own reason, without what `open_engine` writes around it."""
    return inner_reason(str(error)).removeprefix(f"{backend}: ")


def _either(*names: str) -> str:
    return " or ".join([", ".join(names[:-1]), names[-1]])
