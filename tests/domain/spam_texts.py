"""Comments of our own, to teach the filter with: spam and good ones, in English, Urdu and Roman Urdu."""

import random

SPAM = (
    "Subscribe to my channel for more",
    "Check out my new video guys",
    "Earn 500 dollars per day from home",
    "Please subscribe to me",
    "Visit my website for cheap pills",
    "Free followers, click here",
    "Subscribe and win a phone",
    "Ghar baithe paise kamao, click karein",
    "Mera channel subscribe karo",
    "مفت پیسے کمائیں، ابھی کلک کریں",
    "My channel has free songs",
    "Check my page and follow me",
)
GOOD = (
    "My doctor asked me to keep a diary",
    "The pain was worse in the morning",
    "Did it help after the second time?",
    "I have had migraine since college",
    "How long does the effect last?",
    "Thank you for explaining the evidence",
    "Mujhe bhi subah dard hota hai",
    "Kya is se neend aati hai?",
    "میرا سر درد اب کم ہے",
    "My neck felt stiff for a week",
    "The side effects were mild for me",
    "I take nothing else for my headache",
)


def texts(kind: tuple[str, ...], number: int, seed: int = 1) -> list[str]:
    """So many texts made of these."""
    draw = random.Random(seed)
    return [f"{draw.choice(kind)}. {draw.choice(kind)} {'and again ' * (place % 3)}" for place in range(number)]
