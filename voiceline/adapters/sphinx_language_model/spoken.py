"""How people say phone numbers, e-mail addresses, references and house numbers aloud."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS = (
    *("ten", "eleven", "twelve", "thirteen", "fourteen"),
    *("fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_FICTIONAL_EXCHANGE_SHARE = 0.3
"""How many of the made-up numbers have the exchange 555."""
_DOUBLE_SHARE = 0.05
"""How many speakers say "double five"; few Americans do."""


def happens(share: float, chance: random.Random) -> bool:
    """Tell whether something that is so in `share` of all cases is so this time."""
    return chance.random() < share


def digits(number: str, chance: random.Random) -> str:
    """Say digit by digit, with "oh" for zero by some speakers, "double" by a few."""
    zero = chance.choice(("zero", "zero", "oh"))
    words = [zero if digit == "0" else _DIGITS[int(digit)] for digit in number]
    if happens(_DOUBLE_SHARE, chance):
        words = _doubled(words)
    return " ".join(words)


def _doubled(words: list[str]) -> list[str]:
    for place in range(len(words) - 1):
        if words[place] == words[place + 1]:
            return [*words[:place], "double", *words[place + 1 :]]
    return words


def pair(number: int) -> str:
    """Say 10 to 99 as one number."""
    if number < 20:  # noqa: PLR2004 - the teens have names of their own
        return _TEENS[number - 10]
    tens, ones = divmod(number, 10)
    return _TENS[tens - 2] + (f" {_DIGITS[ones]}" if ones else "")


def _phone(phrases: dict[str, Any], _names: dict[str, Any], chance: random.Random) -> str:
    area = chance.choice(phrases["area_codes"])
    exchange = str(chance.randint(200, 999))
    if happens(_FICTIONAL_EXCHANGE_SHARE, chance):
        exchange = "555"
    line = f"{chance.randint(0, 9999):04d}"
    if happens(0.1, chance) and line[0] != "0" and line[2] != "0":
        last = f"{pair(int(line[:2]))} {pair(int(line[2:]))}"
    else:
        last = digits(line, chance)
    country = "one " if happens(0.05, chance) else ""
    return f"{country}{digits(area + exchange, chance)} {last}"


def _email(phrases: dict[str, Any], names: dict[str, Any], chance: random.Random) -> str:
    first = chance.choice(names["first"].split())
    last = chance.choice(names["last"].split())
    user = chance.choice(
        (
            f"{first} dot {last}",
            f"{first} {last}",
            f"{first[0]} {last}",
            f"{first} underscore {last}",
            f"{first} {pair(chance.randint(10, 99))}",
            f"{first} dot {last} {digits(str(chance.randint(1, 99)), chance)}",
            " ".join(first),
        )
    )
    return f"{user} at {chance.choice(phrases['domains'])}"


def _reference(_phrases: dict[str, Any], _names: dict[str, Any], chance: random.Random) -> str:
    length = chance.choice((5, 6, 7, 8, 9, 9, 9))
    number = digits(f"{chance.randrange(10**length):0{length}d}", chance)
    letters = " ".join(chance.sample("abcdefghjkmnpqrstuvwxyz", 2))
    return chance.choice((number, number, number, f"{letters} {number}"))


def _street(phrases: dict[str, Any], _names: dict[str, Any], chance: random.Random) -> str:
    house = digits(str(chance.randint(1, 9999)), chance)
    if happens(0.4, chance):
        house = f"{pair(chance.randint(10, 99))} {pair(chance.randint(10, 99))}"
    return f"{house} {chance.choice(phrases['streets'])}"


SPEAKERS: dict[str, Callable[[dict[str, Any], dict[str, Any], random.Random], str]] = {
    "phone": _phone,
    "email": _email,
    "reference": _reference,
    "street": _street,
}
"""What fills the slot of that name."""
