"""Load mutated files by the thousand: each loads, or is refused and changes nothing.

Run as a script with the number of mutations and a seed; the tests run a thousand.
"""

import gc
import random
import sys
import time

from thinc.errors import LoadError


def mutate(data, choose):
    """Flip, overwrite, cut out, double, insert or swap a piece; up to three times."""
    data = bytearray(data)
    for _ in range(choose.randrange(1, 4)):
        at, size = choose.randrange(len(data)), choose.choice((1, 1, 1, 2, 4, 9, 40))
        piece = bytes(data[at : at + size])
        data[at : at + size] = choose.choice(
            (
                bytes([data[at] ^ (1 << choose.randrange(8))]) + piece[1:],
                choose.randbytes(size),
                b"",
                piece + piece,
                choose.choice((b"\xdd\xff\xff\xff\xff", b"\xc6\xff\xff\xff\xff", b"\x90", b"\x80", b"\xc0", b"\xff")),
            )
        )
        if not data:
            return b""
    return bytes(data)


def fuzz(make_model, count, seed=0):
    """How many of `count` mutations loaded; AssertionError for the first that broke a promise."""
    good, choose, loaded = make_model().to_bytes(), random.Random(seed), 0
    model = make_model()
    for number in range(count):
        data = mutate(good, choose)
        try:
            model.from_bytes(data)
        except LoadError:
            assert model.to_bytes() == good, f"mutation {number} of seed {seed} was refused but changed the model"
        except BaseException as error:
            raise AssertionError(f"mutation {number} of seed {seed}: {error!r}") from error
        else:
            loaded += 1
            model.to_bytes()
            model = make_model()
        assert gc.isenabled(), f"mutation {number} of seed {seed} left the collector off"
    return loaded


def main():
    from thinc.api import Dropout, HashEmbed, Linear, Maxout, chain, expand_window

    def make_model():
        layers = HashEmbed(2, 3, seed=1), expand_window(1), Maxout(2, 6, 2), Dropout(0.2), Linear(2, 2)
        model = chain(*layers)
        for node in model.walk():
            if node is not model and node.init is not None:
                node.initialize()
            for name in node.param_names:
                node.set_param(name, node.get_param(name) * 0 + 1)
        return model

    count, seed = (int(argument) for argument in (*sys.argv[1:], "100000", "0")[:2])
    start = time.perf_counter()
    loaded = fuzz(make_model, count, seed)
    print(f"{count} mutations of seed {seed} in {time.perf_counter() - start:.0f} s: {loaded} loaded, the rest refused")


if __name__ == "__main__":
    main()
