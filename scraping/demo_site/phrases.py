"""What the reviews are made of, as data and nothing else. People and companies are invented.

Every character is also one of Latin-1, so that pages can be served in it.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Topic:
    """Something to have an opinion about, and how opinions about it go on."""

    subjects: tuple[str, ...]
    praise: tuple[str, ...]
    shrug: tuple[str, ...]
    blame: tuple[str, ...]


TOPICS: Final = (
    Topic(
        ("The booking", "Ordering", "The whole order process", "Signing up on their page"),
        (
            "was a pleasure",
            "took me one minute",
            "was wonderfully simple",
            "worked perfectly on my old tablet",
            "was easier than anywhere else",
            "went smoothly from start to end",
        ),
        (
            "was neither quick nor slow",
            "took two tries",
            "was okay once I had found the right button",
            "is much the same as everywhere",
            "was all right, if a little old-fashioned",
            "asks for more than it needs, but works",
        ),
        (
            "was a nightmare",
            "crashed four times",
            "was horribly confusing",
            "ended with an error and they kept my money",
            "wasted an entire evening",
            "failed again and again",
        ),
    ),
    Topic(
        ("The person on the phone", "Their help desk", "Everyone I spoke to", "The team"),
        (
            "was friendly and knew the answer",
            "could not have been kinder",
            "solved my problem within minutes",
            "was a delight to deal with",
            "went out of the way to help me",
            "was patient with all my silly questions",
        ),
        (
            "was polite, though not much help",
            "did what was needed and no more",
            "needed a reminder before anything happened",
            "sounded a bit tired",
            "gave me a standard answer",
            "was okay, I suppose",
        ),
        (
            "was rude from the first word",
            "hung up on me twice",
            "had no idea and did not care",
            "lied to me about the date",
            "never called back as promised",
            "was arrogant and useless",
        ),
    ),
    Topic(
        ("The price", "What I paid", "The final bill", "Their fee"),
        (
            "was very fair",
            "was a bargain for such quality",
            "was lower than I had feared",
            "is excellent value",
            "matched the offer to the penny",
            "included everything, which I love",
        ),
        (
            "was about average",
            "is what you would expect",
            "was okay for what it is",
            "is neither cheap nor dear",
            "was a little above the offer",
            "is in line with other places",
        ),
        (
            "was an insult",
            "was double the offer",
            "is pure robbery",
            "hid charges nobody had mentioned",
            "was ridiculous for such poor quality",
            "went up after I had already paid",
        ),
    ),
    Topic(
        ("The {item}", "The {item} itself", "My {item}", "The {item} we chose"),
        (
            "is simply wonderful",
            "was better than described",
            "has made our lives easier",
            "is beautifully made",
            "was perfect in every way",
            "exceeded all my hopes",
        ),
        (
            "is fine, nothing more",
            "does its job",
            "was roughly as described",
            "is decent but a bit plain",
            "was okay in the end",
            "has its good and its weak sides",
        ),
        (
            "was broken from day one",
            "is the worst I ever had",
            "was nothing like the description",
            "fell to pieces within a week",
            "turned out to be useless rubbish",
            "was dirty and badly done",
        ),
    ),
    Topic(
        ("The waiting time", "Punctuality", "Their timing", "The schedule"),
        (
            "was impressive, I hardly waited at all",
            "was spot on, to the minute",
            "beat every promise",
            "is their great strength",
            "was excellent, a day early in fact",
            "could not be better",
        ),
        (
            "was acceptable",
            "was as stated, within a day or so",
            "is so-so",
            "was not great, not awful",
            "is average for this kind of thing",
            "slipped a little, as it often does",
        ),
        (
            "was terrible, I waited five weeks",
            "was a complete disaster",
            "is a joke, three delays in a row",
            "ruined our plans",
            "was shameful and nobody said sorry",
            "made me miss the date it was for",
        ),
    ),
    Topic(
        ("The paperwork", "Their information", "What they tell you beforehand", "The small print"),
        (
            "was clear and honest",
            "answered every question I had",
            "is refreshingly short",
            "was a model of good advice",
            "helped me to choose just right",
            "is a joy to read, really",
        ),
        (
            "was a bit long",
            "could be clearer, but is not wrong",
            "is the usual",
            "was okay after a second reading",
            "leaves one or two things open",
            "is average",
        ),
        (
            "was misleading",
            "contradicts itself",
            "was wrong on every point",
            "is a trap, read it twice",
            "hides what matters",
            "was an awful mess",
        ),
    ),
    Topic(
        (
            "Putting things right",
            "The exchange",
            "Their guarantee",
            "The way they treat complaints",
        ),
        (
            "was quick and generous",
            "took one call and no argument",
            "is excellent, hats off",
            "was handled with real care",
            "left me happier than before",
            "was free and friendly",
        ),
        (
            "took a while, but happened",
            "was okay with some patience",
            "is nothing special",
            "met me half-way",
            "needed three mails, then it was fine",
            "was handled correctly, if coldly",
        ),
        (
            "was refused without a reason",
            "is worthless",
            "never happened",
            "was a fight I lost",
            "made everything worse",
            "was dreadful, they blamed me",
        ),
    ),
)

OPENINGS: Final = (
    "I chose {company} for a {item} in {month}.",
    "This was about a {item}.",
    "In {month} I needed a {item} at short notice.",
    "A neighbour sent me to {company}.",
    "My {relative} wanted a {item} and asked me to look around.",
    "Second time with {company} for me.",
    "We had compared {number} places for a {item}.",
    "Came here in {month} for a {item}.",
    "After moving house in {month} we were looking for a {item}.",
    "I had a {item} in mind and {number} days to get it.",
    "Honest words about {company}, as I promised them.",
    "One {item}, ordered in {month}.",
)

ASIDES: Final = (
    "I paid £{number} on top for the larger one.",
    "We talked it over in the café next door.",
    "My {relative} says the same.",
    "It was a Tuesday in {month}, if that matters.",
    "I live {number} miles away.",
    "For the record, I have no link to {company}.",
    "My {relative} in Málaga has one too.",
    "I will write again after {month}.",
    "Number {number} of their {item} range, that is.",
    "There is also a {item} for smaller needs.",
    "The résumé of it all is above.",
    "Photos would say more.",
)

VERDICTS: Final = (
    (
        "Avoid at all costs.",
        "Never again.",
        "I want my money back.",
        "The worst experience of the year.",
        "Stay away from {company}.",
        "One star is one too many.",
        "I am furious.",
        "Absolutely awful.",
    ),
    (
        "I would not come back.",
        "Disappointing, to say the least.",
        "I expected far better from {company}.",
        "Two stars, and that is kind.",
        "Not recommended.",
        "A poor show.",
        "Sadly not worth it.",
        "There are better places.",
    ),
    (
        "All in all average.",
        "Three stars, no more and no less.",
        "It was okay.",
        "I may come back, or I may not.",
        "Mixed feelings about {company}.",
        "Room for improvement.",
        "Neither thrilled nor upset.",
        "Middle of the road.",
    ),
    (
        "I would come back.",
        "Good work, {company}.",
        "Happy with it on the whole.",
        "Nearly perfect.",
        "A solid choice.",
        "Four stars and a smile.",
        "I can recommend it.",
        "Pleased I tried them.",
    ),
    (
        "Highly recommended.",
        "Five stars, easily.",
        "I love it.",
        "The best I have come across.",
        "Thank you so much, {company}!",
        "Absolutely brilliant.",
        "Could not be happier.",
        "Ten out of ten.",
    ),
)
"""How a review ends, from one star to five."""

TITLES: Final = (
    ("Awful", "Never again", "Do not go near them", "A disgrace", "Terrible {item}", "Shameful"),
    ("Disappointed", "Poor", "Expected better", "Not worth it", "Weak {item}", "A let-down"),
    ("It is okay", "Average", "So-so", "Mixed", "An average {item}", "Fine, I suppose"),
    ("Good", "Pleased", "A good choice", "Nearly perfect", "Nice {item}", "Would come back"),
    ("Excellent", "Brilliant", "Love it", "The best", "Wonderful {item}", "Perfect from A to Z"),
)

MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
RELATIVES: Final = ("sister", "brother", "aunt", "uncle", "mother", "father", "cousin", "niece")
NUMBERS: Final = ("three", "four", "five", "six", "seven", "nine", "eleven", "twelve", "twenty")
FIRST_NAMES: Final = ("Jane", "Omar", "Lucía", "Pavel", "Mei", "Tom", "Zoë", "Anil", "Ruth", "Jörg")
INITIALS: Final = "ABCDEFGHKLMNPRSTW"
