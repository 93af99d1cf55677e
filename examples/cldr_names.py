"""Read names of places, languages, scripts, currencies, months and days from Babel's CLDR data."""

import random

LANGUAGES = (
    "af az ca cs cy da de en es et eu fi fr ga gl hr hu id is it "
    "lt lv ms mt nb nl pl pt ro sk sl sq sv sw tr uz vi zu bs fil"
).split()


def names_of(language):
    """All names that CLDR gives in one language."""
    from babel import Locale

    locale = Locale(language)
    names = set()
    for table in (locale.territories, locale.languages, locale.scripts, locale.currencies):
        names.update(table.values())
    for table in (locale.months, locale.days):
        names.update(table["format"]["wide"].values())
    return {name.strip() for name in names if any(letter.isalpha() for letter in name)}


def load_names(languages=LANGUAGES):
    """{string: the set of languages in which it is right}, in a fixed order."""
    owners = {}
    for language in languages:
        for name in names_of(language):
            owners.setdefault(name, set()).add(language)
    return {name: owners[name] for name in sorted(owners)}


def read_tsv(path):
    """{text: {label}} of a file with the columns `text<TAB>label`.  Raises ValueError with the line."""
    owners = {}
    with open(path, encoding="utf8") as file:
        for number, line in enumerate(file, 1):
            columns = line.rstrip("\n").split("\t")
            if len(columns) != 2 or not all(columns):
                raise ValueError(f"{path}, line {number}: expected 2 columns, text and label, found {len(columns)}")
            owners.setdefault(columns[0], set()).add(columns[1])
    if not owners:
        raise ValueError(f"{path}: no rows")
    return owners


def split(owners, seed=0, held_out=0.1):
    """Three disjoint dicts: train, development, test.  No string is in two of them."""
    names = list(owners)
    random.Random(seed).shuffle(names)
    size = max(1, int(len(names) * held_out))
    parts = names[2 * size :], names[size : 2 * size], names[:size]
    return tuple({name: owners[name] for name in part} for part in parts)
