"""Names of places, languages, scripts, currencies, months and days in 40 languages, from CLDR."""

import random

LANGUAGES = (  # relatives stand together
    "is nb da sv de nl af en fr ca es gl pt it ro pl cs sk sl hr bs lt lv "
    "sq et fi hu eu cy ga mt tr az uz id ms fil vi sw zu"
).split()


def load_names(languages=LANGUAGES):
    """{name: the set of languages in which it is right}, in a fixed order."""
    owners = {}
    for language in languages:
        for name in _names_in(language):
            owners.setdefault(name, set()).add(language)
    return {name: owners[name] for name in sorted(owners)}


def split(owners, seed=0, held_out=0.1):
    """Three dicts: train, development, test.  No name is in two of them."""
    names = list(owners)
    random.Random(seed).shuffle(names)
    size = max(1, int(len(names) * held_out))
    parts = names[2 * size :], names[size : 2 * size], names[:size]
    return tuple({name: owners[name] for name in part} for part in parts)


def language_name(code):
    """The English name of a language, "de" → "German"; a code that CLDR doesn't know as it is."""
    from babel import Locale

    return Locale("en").languages.get(code, code)


def _names_in(language):
    """All names that CLDR gives in one language."""
    from babel import Locale

    locale = Locale(language)
    names = set()
    for table in (locale.territories, locale.languages, locale.scripts, locale.currencies):
        names.update(table.values())
    for table in (locale.months, locale.days):
        names.update(table["format"]["wide"].values())
    return {name.strip() for name in names if any(letter.isalpha() for letter in name)}
