"""Read texts and their labels from a file with two columns, `text<TAB>label`."""


def read_tsv(path):
    """{text: the set of its labels}; a text may stand in several lines.

    Raises ValueError, with the line, for a file that is not UTF-8, wrong columns, or no rows.
    """
    owners = {}
    try:
        with open(path, encoding="utf-8-sig") as file:
            for number, line in enumerate(file, 1):
                text, label = _columns_of(path, number, line)
                owners.setdefault(text, set()).add(label)
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not UTF-8 ({error.reason} at byte {error.start}): save it as UTF-8") from None
    if not owners:
        raise ValueError(f"{path} has no rows: give at least one line `text<TAB>label`")
    return owners


def _columns_of(path, number, line):
    columns = [column.strip() for column in line.rstrip("\n").split("\t")]
    if len(columns) != 2:
        raise ValueError(f"{path}, line {number}: expected 2 columns, text and label, found {len(columns)}")
    if not all(columns):
        raise ValueError(f"{path}, line {number}: the {'label' if columns[0] else 'text'} is empty")
    return columns
