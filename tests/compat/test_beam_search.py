"""Beam search finds what its definition says, and notes the right violation."""

import numpy
import pytest

pytest.importorskip("thinc.backends.cblas", reason="thinc was built without a compiler", exc_type=ModuleNotFoundError)
pytest.importorskip("cymem", reason="only thinc.extra.search needs cymem, and spaCy brings it")

from thinc.extra.search import Beam, MaxViolation, _softmax  # noqa: E402

LENGTH = 6


def tables(seed):
    """Scores, validities and costs of a random transition system; every third has many ties."""
    rng = numpy.random.RandomState(seed)
    nr_class = rng.randint(1, 6)
    scores = rng.normal(size=(7, nr_class)) if seed % 3 else rng.randint(-2, 3, size=(7, nr_class))
    is_valid = rng.uniform(size=(7, nr_class)) < 0.8
    is_valid[:, 0] = True
    costs = (rng.uniform(size=(7, nr_class)) < 0.3) * rng.randint(1, 4)
    return scores.astype("f"), is_valid.astype("i"), costs.astype("f")


def is_done(steps, code):
    return steps > 0 and (steps >= LENGTH or code % 5 == 0)


class Reference:
    """The same search in plain Python: states are (history, score, loss)."""

    def __init__(self, width, scores, is_valid, costs, min_density, use_hash):
        self.width, self.min_density, self.use_hash = width, min_density, use_hash
        self.scores, self.is_valid, self.costs = scores, is_valid, costs
        self.states, self.t = [([], numpy.float32(0), 0.0)], 0

    def candidates(self):
        for i, (history, score, loss) in enumerate(self.states):
            row, first = sum(history) % 7, i * self.scores.shape[1]
            if is_done(len(history), sum(history)):
                yield score + score / numpy.float32(self.t), first, (history, loss)
                continue
            for clas in numpy.flatnonzero(self.is_valid[row]):
                state = (history + [clas], loss + self.costs[row, clas])
                yield score + self.scores[row, clas], first + clas, state

    def advance(self):
        found = sorted(self.candidates(), key=lambda c: c[:2], reverse=True)
        if self.min_density:
            found = [c for c in found if numpy.exp(float(c[0]) - float(found[0][0])) >= self.min_density]
        kept, codes = [], set()
        for score, _, (history, loss) in found:
            is_new = not is_done(len(history) - 1, sum(history[:-1])) and len(history) == self.t + 1
            # The client's hash is the code plus one; 1 stands for "no hash".
            if self.use_hash and is_new and sum(history) > 0:
                if sum(history) in codes:
                    continue
                codes.add(sum(history))
            kept.append((history, score, loss))
        self.states, self.t = kept[: self.width], self.t + 1


@pytest.mark.parametrize("seed", range(60))
def test_a_search_equals_its_definition(client, seed):
    width, min_density, use_hash = 1 + seed % 7, [0, 0.05, 0.3][seed % 3], bool(seed & 1)
    searched = client.Search(width, *tables(seed), LENGTH, min_density, use_hash)
    expected = Reference(width, *tables(seed), min_density, use_hash)
    while not searched.beam.is_done:
        searched.advance()
        expected.advance()
        beam = searched.beam

        assert [state[:3] for state in searched.states()] == expected.states
        assert [state[4] for state in searched.states()] == [is_done(len(h), sum(h)) for h, _, _ in expected.states]
        assert [state[5:] for state in searched.states()] == [(len(h), sum(h)) for h, _, _ in expected.states]
        assert beam.scores == [score for _, score, _ in expected.states]
        assert (beam.score, beam.min_score, beam.loss) == (beam.scores[0], beam.scores[-1], expected.states[0][2])
        assert beam.probs == _softmax(beam.scores) and abs(sum(beam.probs) - 1) < 1e-6
        assert searched.tables_are_clear()


def test_every_state_is_freed_once(client):
    client.count_freed()
    searched = client.Search(3, *tables(1), LENGTH)
    searched.advance()
    del searched

    assert client.count_freed() == 6


def test_an_error_in_a_callback_comes_through(client):
    scores = numpy.zeros((7, 78), dtype="f")
    is_valid = numpy.zeros((7, 78), dtype="i")
    is_valid[:, 77] = 1
    searched = client.Search(2, scores, is_valid, scores, LENGTH)

    with pytest.raises(KeyError, match="toy_step"):
        searched.advance()


def test_no_valid_transition_is_refused(client):
    scores = numpy.zeros((7, 3), dtype="f")

    with pytest.raises(AssertionError, match="no transition"):
        client.Search(2, scores, numpy.zeros((7, 3), dtype="i"), scores, LENGTH).advance()


def test_a_whole_table_can_be_set(client):
    scores = numpy.arange(12, dtype="f").reshape(3, 4)

    assert client.set_table_then_read(Beam(4, 3), scores) == [(i, i, i) for i in range(12)]


@pytest.mark.parametrize("nums, shares", [([], []), ([None], [None]), ([1.0, 1.0], [0.5, 0.5]), ([1e4, 0.0], [1, 0])])
def test_softmax_of_a_list(nums, shares):
    assert _softmax(nums) == shares


def pair_of_beams(client, seed):
    """A search over all transitions, and one that keeps to those without cost where it can."""
    scores, is_valid, costs = tables(seed)
    right = is_valid & (costs == 0)
    right[:, 0] = 1
    return client.Search(4, scores, is_valid, costs, LENGTH), client.Search(4, scores, right, costs, LENGTH)


@pytest.mark.parametrize("seed", range(30))
def test_the_largest_violation_is_noted(client, seed):
    pred, gold = pair_of_beams(client, seed)
    violation, noted = MaxViolation(), None
    while not pred.beam.is_done:
        pred.advance()
        if not gold.beam.is_done:
            gold.advance()
        violation.check(pred.beam, gold.beam)
        lead = numpy.float32(pred.beam.score) - numpy.float32(gold.beam.score)
        if pred.beam.loss >= 1 and (noted is None or lead > noted[1]):
            wrong = [numpy.exp(score) for _, score, loss, *_ in pred.states() if loss > 0]
            right = [numpy.exp(score) for _, score, loss, *_ in gold.states() if loss == 0]
            noted = [pred.beam.loss, lead, pred.beam.score, gold.beam.score]
            noted += [sum(wrong) + sum(right) + 1e-10, sum(right) + 1e-10]
            histories = pred.beam.histories[0], gold.beam.histories[0]
    if noted is None:
        assert (violation.p_hist, violation.g_hist) == ([], [])
        return
    found = [*client.violation_fields(violation), violation.p_score, violation.g_score, violation.Z, violation.gZ]

    numpy.testing.assert_allclose(found, noted, rtol=1e-4, atol=1e-5)
    assert (violation.p_hist, violation.g_hist) == histories


@pytest.mark.parametrize("seed", range(30))
def test_the_noted_probabilities_are_slopes_of_the_loss(client, seed):
    pred, gold = pair_of_beams(client, seed)
    violation = MaxViolation()
    pred.advance()
    gold.advance()
    violation.check_crf(pred.beam, gold.beam)
    if pred.beam.loss == 0:
        assert violation.p_hist == []
        return
    scores = {tuple(h): (float(score), loss) for s in (pred, gold) for h, score, loss, *_ in s.states()}
    wrong = {h: score for h, (score, loss) in scores.items() if loss > 0 and list(h) in pred.beam.histories}
    right = {h: score for h, (score, loss) in scores.items() if loss == 0}

    def slope(h):
        """Of -log(Z of the right / Z of all) by the score of h."""
        total = sum(map(numpy.exp, [*wrong.values(), *right.values()]))
        share = numpy.exp(right[h]) / sum(map(numpy.exp, right.values())) if h in right else 0
        return numpy.exp((wrong | right)[h]) / total - share

    assert {tuple(h) for h in violation.p_hist} == set(wrong)
    assert {tuple(h) for h in violation.g_hist} == set(right)
    for histories, slopes in ((violation.p_hist, violation.p_probs), (violation.g_hist, violation.g_probs)):
        numpy.testing.assert_allclose(slopes, [slope(tuple(h)) for h in histories], rtol=1e-4, atol=1e-6)
