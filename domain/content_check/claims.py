"""Claims that no text of the site may make, each with its reason: errors of the first draft, overclaims, advertising.

Source: the project's fact sheet, sections 0 and 2.1 (label of the product, PREEMPT, S.R.O. 68(I)/2025).
"""

from typing import NamedTuple


class Claim(NamedTuple):
    """Words, as a regular expression without case, and why they must not stand there."""

    pattern: str
    reason: str


CLAIMS = (
    Claim(r"activat\w+ (?:the )?pain receptors", "acetylcholine makes muscle contract; it does not activate pain receptors"),
    Claim(
        r"(?:acts?|works?|signals?|messages?|release\w*|effects?|blocks?) (?:\w+ ){0,3}(?:in|on) the brain(?! is indirect)",
        "it acts at nerve endings in the head and neck",
    ),
    Claim(r"\bnew (?:\w+ )?(?:treatment|therapy|option|hope)", "it has been licensed since 2010"),
    Claim(r"\b(?:promising|innovative|revolutionary|cutting.edge|breakthrough)\b", "an overclaim"),
    Claim(r"\b(?:highly|very|proven) effective\b", "about two days a month better than placebo"),
    Claim(r"\bsafe and effective\b", "say the benefits and the risks, the boxed warning first"),
    Claim(r"\beliminat(?:e|es|ed|ing|ion)\b", "prevention aims at fewer and milder days"),
    Claim(r"\bfree (?:from|of) (?:the )?(?:burden|pain|headaches?|migraines?)", "an overclaim"),
    Claim(r"(?<!not a )(?<!no )\b(?:cures?|miracle|guarantee\w*|painless\w*|permanent(?:ly)? reli\w+)\b", "an overclaim"),
    Claim(r"\b(?:minimal|few|no|hardly any) side.?effects\b", "give their share beside that of placebo"),
    Claim(r"\b(?:commonest|most common|main|usual)\b[^.]*\bbruis\w+", "the commonest unwanted effect is neck pain"),
    Claim(r"\brare(?:ly)?\b[^.]*\b(?:eyelids?|ptosis|weakness)\b", "each of them comes to about 4 in 100"),
    Claim(r"\b(?:eyelids?|ptosis|weakness)\b[^.]*\brare(?:ly)?\b", "each of them comes to about 4 in 100"),
    Claim(r"\b(?:inject\w*|needles?|goes|given|placed)\b[^.]*\bwhere (?:the|your) (?:pain|trigger)", "the sites are fixed"),
    Claim(r"\b(?:more frequent(?:ly)? inject|inject\w+ more (?:often|frequently))", "never sooner than every 12 weeks"),
    Claim(r"\bpopular\b[^.]*\bislamabad\b", "there is no source for it"),
    Claim(
        r"\b(?:best|leading|top|number one|finest) (?:clinic|doctors?|treatment|provider|results?|specialists?)\b", "a superlative"
    ),
    Claim(r"\b(?:discounts?|special offers?|limited offers?|packages?|affordable|money.back)\b", "advertising of a medicine"),
    Claim(r"(?:\b(?:Rs\.?|PKR)\s?\d)", "no price beside a medicine"),
    Claim(r"\b(?:get|book|buy|order) (?:your |a )?(?:botox|botulinum)", "ask for a consultation, never to get the medicine"),
    Claim(r"\b(?:testimonials?|before.and.after (?:pictures?|photos?))\b", "no testimonial, no picture of before and after"),
    Claim(r"\bmedically reviewed\b|\breviewed by (?:a |our |dr\b)", "the page itself says who reviewed it, once it is signed"),
)
BRANDS = ("Botox", "Dysport", "Xeomin", "Myobloc", "Jeuveau", "Bocouture", "Azzalure")
"""Names under which botulinum toxin is sold; none is left where the site uses generic names."""
