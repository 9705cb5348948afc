"""Words, names and addresses of invented readers: as varied, and as unevenly frequent, as people's are."""

from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from random import Random

COMMON = (
    "the and to of I migraine a my it is in for was that with not have me on but this had after so at as days they be when or from "
    "headache doctor pain month weeks pills botox neck sleep work injections year light attack clinic light nausea "
    "helped asked told read felt began stopped know think need feel take help try better worse bad good long first second "
    "still again never always often before because since while could would should what how why who where which there here "
    "much more less only also just very really about almost every some any other own same few many most another all both "
    "diary calendar evidence placebo dose needle forehead shoulders eyelid side effect nurse appointment traffic heat screen "
    "office children mother sister husband school summer winter Ramadan fasting water tea coffee chai noise smell weather"
).split()
"""The words of most comments, the most frequent first; "migraine" stands in about half of all comments."""
RARE = 20_000
"""Words beyond those: names of places and medicines, mistypings, other languages."""
SYLLABLES = (
    "ba be da di fa ga gul ha hi ja ji ka kha la li ma me mi na ni no pa pe ra ri ro sa sha si so ta ti to wa ya zai".split()
)
SENTENCES = 20_000
FIRST = (
    "Sana Bilal Ayesha Hamza Fatima Imran Zainab Usman Maryam Ali Hina Kamran Nadia Saad Rabia Omar Farah Tariq Amna Asad "
    "Sara Daniel Emma Thomas Olga Chen Priya عائشہ مریم بلال"
).split()
LAST = (
    "Ahmed Khan Malik Qureshi Raza Sheikh Siddiqui Tariq Yousaf Iqbal Butt Chaudhry Mirza Abbasi Baig Hussain Javed Mahmood "
    "Smith Jones Novak Li Sharma صدیقی خان"
).split()
HOSTS = ("example.com", "example.org", "example.net", "mail.example", "post.example")


@dataclass(frozen=True)
class Author:
    """Somebody who writes comments."""

    name: str
    email: str


class Texts:
    """Invents texts and people out of `chance`; sentences are composed once and then combined, which is fast."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance

    def comment(self) -> str:
        """Two to six sentences in one or two paragraphs."""
        sentences = self._chance.choices(self._sentences, k=self._chance.randint(2, 6))
        middle = self._chance.randint(1, len(sentences))
        return "\n\n".join(" ".join(part) for part in (sentences[:middle], sentences[middle:]) if part)

    def spam(self, links: int) -> str:
        """A sentence and this many links."""
        urls = [f"https://{self._word()}-{number}.example/{self._word()}" for number in range(links)]
        return " ".join([self._chance.choice(self._sentences), *urls])

    def author(self, number: int) -> Author:
        """Author `number`; the same number is always the same person."""
        first, last = FIRST[number % len(FIRST)], LAST[number // len(FIRST) % len(LAST)]
        local = f"{first}.{last}".lower() if f"{first}{last}".isascii() else "reader"
        return Author(f"{first} {last}", f"{local}{number}@{HOSTS[number % len(HOSTS)]}")

    @cached_property
    def _words(self) -> list[str]:
        rare = ("".join(self._chance.choices(SYLLABLES, k=self._chance.randint(2, 5))) for _ in range(RARE))
        return [*COMMON, *rare]

    @cached_property
    def _weights(self) -> list[float]:
        # Zipf's law: the frequency of a word is about one over its rank.
        return list(accumulate(1 / rank for rank in range(3, len(self._words) + 3)))

    @cached_property
    def _sentences(self) -> list[str]:
        return [self._sentence() for _ in range(SENTENCES)]

    def _sentence(self) -> str:
        words = self._chance.choices(self._words, cum_weights=self._weights, k=self._chance.randint(4, 18))
        text = " ".join(words)
        return f"{text[0].upper()}{text[1:]}{self._chance.choice('.....?!')}"

    def _word(self) -> str:
        return "".join(self._chance.choices(SYLLABLES, k=3))
