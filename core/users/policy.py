"""How strict signing in is on this installation: one frozen record, taken from the deployment settings."""

from dataclasses import dataclass

from core.config import Config

SHORTEST_IDLE_MINUTES = 1
LONGEST_SESSION_HOURS = 12


@dataclass(frozen=True, slots=True)
class SignInPolicy:
    """Limits of sessions, and what a password's hash costs. After `locked_minutes` a PIN opens nothing any more.

    The Argon2id figures may be raised at any time: each password is hashed anew at its owner's next sign-in.
    """

    idle_minutes: int = 15
    absolute_hours: int = 12
    locked_minutes: int = 240
    device_days: int = 30
    hash_rounds: int = 2
    hash_memory_kib: int = 32 * 1024
    hash_lanes: int = 1
    hashes_at_once: int = 2


_policies: list[SignInPolicy] = [SignInPolicy()]


def policy() -> SignInPolicy:
    """The policy this process follows."""
    return _policies[-1]


def follow(new: SignInPolicy) -> None:
    """Follow this policy from now on (create_app says so once; tests say so for a cheap hash)."""
    _policies[:] = [new]


def policy_of(config: Config) -> SignInPolicy:
    """What the deployment settings ask for; a session never outlasts twelve hours."""
    return SignInPolicy(
        idle_minutes=max(config.idle_minutes, SHORTEST_IDLE_MINUTES),
        absolute_hours=min(config.absolute_hours, LONGEST_SESSION_HOURS),
        locked_minutes=config.locked_minutes,
    )
