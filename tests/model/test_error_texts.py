"""Common mistakes: each error gives the layer's path, what came, and what to do."""

import pickle
import re

import numpy
import pytest

from thinc.api import (
    LSTM,
    Embed,
    LayerNorm,
    Linear,
    Model,
    Padded,
    ParametricAttention,
    PyTorchWrapper,
    Ragged,
    Relu,
    Softmax,
    chain,
    expand_window,
    list2padded,
    list2ragged,
    padded2list,
    reduce_mean,
    residual,
    with_array,
    with_padded,
)
from thinc.errors import ContainerError, DTypeError, ShapeError, UnsetError


def floats(*shape, dtype="float32"):
    return numpy.zeros(shape, dtype)


def mlp():
    return chain(Relu(4, 3), LayerNorm(4), Linear(2, 4))


def ready():
    return mlp().initialize()


def ragged():
    return Ragged(floats(3, 3), numpy.array([1, 2], "int32"))


def flat(text):
    return re.sub(r"\s+", " ", str(text))


@pytest.mark.parametrize(
    "run, error, text",
    [
        # Not initialized.
        (
            lambda: mlp().predict(floats(2, 3)),
            UnsetError,
            "chain[0] > relu: The param 'W' of model 'relu' is not set: initialize the model, or load its weights.",
        ),
        (
            lambda: chain(Relu(4), Linear(2)).initialize(),
            UnsetError,
            "chain[0] > relu: The dim 'nI' of model 'relu' is not set: make the layer with nI, or initialize with X.",
        ),
        (
            lambda: chain(Relu(4), Linear()).initialize(floats(2, 3)),
            UnsetError,
            "chain[1] > linear: The dim 'nO' of model 'linear' is not set: "
            "make the layer with nO, or initialize with Y.",
        ),
        # Wrong sizes.
        (
            lambda: ready().predict(floats(2, 5)),
            ShapeError,
            "chain[0] > relu: gemm: got float32[2, 5] (trans1=False) and float32[4, 3] (trans2=True); the inner sizes "
            "5 and 3 must agree. X is float32[2, 5], but nI is 3: give it X of width 3, or make it with nI=5.",
        ),
        (
            lambda: chain(Linear(4, 3), residual(chain(Linear(2, 5), Linear(3)))).initialize(floats(2, 3)),
            ShapeError,
            "chain[1] > residual[0] > chain[0] > linear: Can't change dim 'nI' of model 'linear' from 5 to 4: "
            "use force=True. X is float32[2, 4], but nI is 5: give it X of width 5, or make it with nI=4.",
        ),
        (
            lambda: Linear(2, 3).initialize(floats(4, 3), floats(4, 5)),
            ShapeError,
            "linear: Can't change dim 'nO' of model 'linear' from 2 to 5: use force=True. "
            "Y is float32[4, 5], but nO is 2: give it Y of width 2, or make it with nO=5.",
        ),
        (lambda: ready().predict(floats(3)), ShapeError, "chain[0] > relu: gemm: got float32[3] * 2 axes."),
        # Wrong dtypes.
        (
            lambda: ready().predict(floats(2, 3, dtype="int64")),
            DTypeError,
            "chain[0] > relu: gemm: got int64[2, 3] * Give it floats: X.astype('float32').",
        ),
        (
            lambda: ready().predict(floats(2, 3, dtype="float64")),
            DTypeError,
            "chain[0] > relu: gemm: got float64[2, 3] * The layer is float32: give it X.astype('float32').",
        ),
        # Wrong containers.
        (
            lambda: ready().predict([floats(2, 3), floats(1, 3)]),
            ContainerError,
            "chain[0] > relu: got list of 2 float32[2, 3], wants Floats2d. Wrap the layer as with_array(relu).",
        ),
        (
            lambda: ready().predict(ragged()),
            ContainerError,
            "chain[0] > relu: got Ragged of float32[3, 3], wants Floats2d. Wrap the layer as with_array(relu).",
        ),
        (
            lambda: (
                ParametricAttention(3).initialize().predict(Ragged(floats(3, 3, dtype="float64"), ragged().lengths))
            ),
            DTypeError,
            "para-attn: gemm: got float64[3, 3] and float32[3, 1]; give both the same float dtype, float32 as a rule "
            "(`X.astype('float32')`)",
        ),
        (
            lambda: chain(reduce_mean(), Softmax(2, 3)).initialize().predict(floats(2, 3)),
            ContainerError,
            "chain[0] > reduce_mean: got float32[2, 3], wants Ragged. Wrap the layer as with_ragged(reduce_mean).",
        ),
        (
            lambda: LSTM(2, 3).initialize().predict([floats(2, 3)]),
            ContainerError,
            "lstm: got list of 1 float32[2, 3], wants Padded. Wrap the layer as with_padded(lstm).",
        ),
        (
            lambda: chain(with_padded(LSTM(2, 3)), Linear(2, 2)).initialize().predict([floats(2, 3)]),
            ContainerError,
            "chain[1] > linear: got list of 1 float32[2, 2], wants Floats2d. Wrap the layer as with_array(linear).",
        ),
        (
            lambda: with_array(chain(Embed(2, 5), Linear(2, 2))).initialize().predict([numpy.array([1, 7])]),
            IndexError,
            "with_array[0] > chain[0] > embed: embed: the ids go from 1 to 7, but nV is 5. "
            "Set nV above the largest id.",
        ),
        (
            lambda: chain(list2ragged(), Linear(2, 3)).initialize().predict([floats(2, 3)]),
            ContainerError,
            "chain[1] > linear: got Ragged of float32[2, 3], wants Floats2d. Wrap the layer as with_array(linear).",
        ),
        (
            lambda: chain(Linear(2, 3), padded2list()).initialize().predict(floats(2, 3)),
            ContainerError,
            "chain[1] > padded2list: got float32[2, 2], wants Padded. Wrap the layer as with_padded(padded2list).",
        ),
        (
            lambda: list2padded().predict(ragged()),
            ContainerError,
            "list2padded: got Ragged of float32[3, 3], wants a list of Floats2d. "
            "Wrap the layer as with_list(list2padded).",
        ),
        (
            lambda: list2ragged().predict(floats(3)),
            ContainerError,
            "list2ragged: got float32[3], wants a list of arrays. Give it a list with one array for each sequence.",
        ),
        (
            lambda: expand_window().predict([floats(2, 3)]),
            ContainerError,
            "expand_window: got list of 1 float32[2, 3], wants Floats2d or Ragged.",
        ),
        (
            lambda: with_array(Linear(2, 3)).initialize().predict(Padded(floats(2, 1, 3), *[numpy.zeros(1, "i")] * 3)),
            ShapeError,
            "with_array[0] > linear: gemm: got float32[2, 1, 3] * "
            "Wrap the layer as with_reshape(linear), or as with_array2d(linear) for Padded.",
        ),
    ],
)
def test_text(run, error, text):
    with pytest.raises(error) as caught:
        run()
    start, _, end = text.partition("*")
    assert flat(caught.value).startswith(start.strip())
    assert flat(caught.value).endswith(end.strip() or text)


def test_the_path_survives_pickling():
    with pytest.raises(ShapeError) as caught:
        ready().predict(floats(2, 5))
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)
    assert caught.value.where == "chain[0] > relu"


def test_errors_of_user_code_keep_their_type_and_get_a_note():
    def forward(model, X, is_train):
        raise KeyError("colour")

    model = chain(Linear(2, 3), Model("mine", forward)).initialize
    with pytest.raises(KeyError) as caught:
        model(floats(2, 3))
    assert caught.value.args == ("colour",)
    assert caught.value.__notes__ == ["In the layer chain[1] > mine, which got float32[2, 2]."]


def test_errors_of_wrapped_modules_get_a_note():
    torch = pytest.importorskip("torch")
    model = chain(Linear(4, 3), PyTorchWrapper(torch.nn.Linear(5, 2))).initialize()
    with pytest.raises(RuntimeError, match="mat1 and mat2") as caught:
        model.predict(floats(2, 3))
    assert caught.value.__notes__ == ["In the layer chain[1] > pytorch, which got float32[2, 4]."]
    with pytest.raises(RuntimeError, match="same dtype") as caught:
        model.layers[1].predict(floats(2, 5).astype("float64"))
    assert caught.value.__notes__ == [
        "In the layer pytorch, which got float64[2, 5]. The layer is float32: give it X.astype('float32')."
    ]


def test_tensors_of_other_frameworks_are_named():
    torch = pytest.importorskip("torch")
    with pytest.raises(ContainerError, match=r"linear: got torch.float32\[2, 3\], wants Floats2d. .* torch2xp\(X\)"):
        Linear(2, 3).initialize().predict(torch.ones(2, 3))


def test_a_user_layer_without_annotations_keeps_its_error():
    def forward(model, X, is_train):
        return X.nonsense, None

    with pytest.raises(AttributeError, match="nonsense") as caught:
        Model("mine", forward).predict([floats(2, 3)])
    assert caught.value.__notes__ == ["In the layer mine, which got list of 1 float32[2, 3]."]
