"""Masks e-mail addresses and telephone numbers in what people wrote.

Numbers of orders, prices, dates and the like stay, so a number is taken for a telephone's only
where its form or the word before it says so. Every pattern here takes time linear in the text.
"""

import re

EMAIL_MASK = "[email]"
PHONE_MASK = "[phone]"

AT_SIGNS = "@\uff20"
LOCAL = r"[\w.!#$%&'*+/=?^`{|}~-]"
EMAIL = re.compile(rf"(?<!{LOCAL}){LOCAL}++[{AT_SIGNS}](?:[\w-]++\.)+[\w-]++")

RUN = re.compile(r"(?<![\w.,])[+(]{0,2}\d(?:[ \u00a0\u2010-\u2013./()-]{0,3}+\d)*+(?!\w)")
"""Digits with at most three separators between two of them, as long as they go on."""

FEWEST_DIGITS, MOST_DIGITS = 7, 15
"""Of a telephone number; E.164 allows 15."""

TRUNK_DIGITS = 9
"""A number with the trunk prefix 0 has at least so many digits."""

NORTH_AMERICAN = re.compile(r"(?:1[ .-])?(?:\(?\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}")
DECIMAL = re.compile(r"\d+\.\d+")
DATE = re.compile(r"(?<!\d)(?:\d{4}[-./]\d\d?[-./]\d\d?|\d\d?[-./]\d\d?[-./](?:19|20)\d\d)(?!\d)")

LINK = r"(?:[\s.:=#]|\b(?:me|us|them|at|on|is|was|under|number|no|nr|id|code)\b)*"
PHONE_WORD = re.compile(
    rf"(?:\b(?:tel|telephone|phone|call|called|calling|mobile|cell|fax|whatsapp|sms|hotline|ring"
    rf"|rang|dial|text)\b|[\u260e\u2706\U0001f4de\U0001f4f1]){LINK}$",
    re.IGNORECASE,
)
OTHER_WORD = re.compile(
    rf"(?:\b(?:order|invoice|ref|reference|booking|ticket|case|tracking|parcel|account|serial"
    rf"|article|item|model|part|isbn|ean|sku|version|no|nr|id)\b|[#\u2116]){LINK}$",
    re.IGNORECASE,
)
WORDS_BEFORE = 40
"""Characters before a number in which a word can say what it is."""


def masked(text: str) -> str:
    """Return the text with e-mail addresses and telephone numbers replaced."""
    if any(sign in text for sign in AT_SIGNS):  # Most texts have none, and need no search.
        text = EMAIL.sub(EMAIL_MASK, text)
    return RUN.sub(_number_masked, text)


def _number_masked(run: re.Match[str]) -> str:
    before = run.string[max(0, run.start() - WORDS_BEFORE) : run.start()]
    return PHONE_MASK if _is_telephone(run[0], before) else run[0]


def _is_telephone(number: str, before: str) -> bool:
    digits, form = sum(map(str.isdigit, number)), number.lstrip("(")
    if not FEWEST_DIGITS <= digits <= MOST_DIGITS:
        return False
    if form.startswith("+"):
        return True
    if DATE.search(number):
        return False
    if PHONE_WORD.search(before):
        return True
    if OTHER_WORD.search(before) or DECIMAL.fullmatch(number):
        return False
    has_trunk = form.startswith("0") and digits >= TRUNK_DIGITS
    return has_trunk or NORTH_AMERICAN.fullmatch(form) is not None
