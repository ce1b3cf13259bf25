"""What can be wrong."""


class Malformed(Exception):
    """Bytes that do not follow their format."""


class Broken(Exception):
    """An entry breaks a rule of docs/ledger.md §5; the name of the rule is the message."""

    @property
    def rule(self) -> str:
        return self.args[0]


def expect(holds: bool, what: str) -> None:
    """Refuses bytes that do not follow their format."""
    if not holds:
        raise Malformed(what)


def obey(holds: bool, rule: str) -> None:
    """Refuses an entry that breaks this rule."""
    if not holds:
        raise Broken(rule)
