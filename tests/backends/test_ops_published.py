"""Numbers that the published library gives, to six digits."""

import numpy
import pytest

from thinc.backends import NumpyOps, Ops

every_ops = pytest.mark.parametrize("ops", [Ops(), NumpyOps()], ids=["base", "numpy"])
PUBLISHED_X = [-25, -4, -2.5, -1, -0.1, 0, 0.1, 1, 2.5, 4, 25]
PUBLISHED = {
    "sigmoid": "2.06115e-09 .0179862 .0758582 .268941 .475021 .5 .524979 .731059 .924142 .982014 1",
    "swish": "-5.15288e-08 -.0719448 -.189645 -.268941 -.0475021 0 .0524979 .731059 2.31035 3.92806 25",
    "hard_swish": "0 0 0 -.3 -.048 0 .052 .7 2.5 4 25",
    "hard_swish_mobilenet": "0 0 -.208333 -.333333 -.0483333 0 .0516667 .666667 2.29167 4 25",
    "dish": "-.00998825 -.0597149 -.0894041 -.146447 -.0450248 0 .0549752 .853553 2.4106 3.94029 24.99",
    "gelu": "0 -.000126719 -.0155242 -.158655 -.0460172 0 .0539828 .841345 2.48448 3.99987 25",
    "gelu_approx": "0 -7.02143e-05 -.0150842 -.158808 -.0460172 0 .0539828 .841192 2.48492 3.99993 25",
    "mish": "-3.472e-10 -.0725917 -.196816 -.303401 -.0567886 0 .0631794 .865098 2.47139 3.99741 25",
}
PUBLISHED_SLOPES = {
    "swish": "-4.94677e-08 -.0526646 -.0994011 .0723295 .450083 .5 .549917 .927671 1.0994 1.05266 1",
    "hard_swish": "0 0 -.5 .1 .46 .5 .54 .9 1.5 1 1",
    "hard_swish_mobilenet": "0 0 -.333333 .166667 .466667 .5 .533333 .833333 1.33333 1 1",
    "dish": "-.000398517 -.0136049 -.0282712 -.0303301 .400989 .5 .599011 1.03033 1.02827 1.0136 1.0004",
    "gelu": "0 -.000503641 -.0376111 -.0833154 .420477 .5 .579523 1.08332 1.03761 1.0005 1",
    "gelu_approx": "0 -.000335157 -.0379515 -.0829639 .420478 .5 .579522 1.08296 1.03795 1.00034 1",
    "mish": "-3.33311e-10 -.0537732 -.109744 .0592168 .535703 .6 .663337 1.04904 1.04113 1.00443 1",
}


def published(text):
    return numpy.array([float(number) for number in text.split()])


@every_ops
@pytest.mark.parametrize("op", PUBLISHED)
def test_published_values(ops, op):
    Y = getattr(ops, op)(numpy.array(PUBLISHED_X, "float32"))
    # Six digits were published; 2e-7 is what float32 leaves near cancellation.
    numpy.testing.assert_allclose(Y, published(PUBLISHED[op]), rtol=5e-6, atol=2e-7)


@every_ops
@pytest.mark.parametrize("op", PUBLISHED_SLOPES)
def test_published_slopes(ops, op):
    X = numpy.array(PUBLISHED_X, "float32")
    outputs = (ops.swish(X),) if op == "swish" else ()
    dX = getattr(ops, "backprop_" + op)(numpy.ones_like(X), X, *outputs)
    numpy.testing.assert_allclose(dX, published(PUBLISHED_SLOPES[op]), rtol=5e-6, atol=5e-7)
