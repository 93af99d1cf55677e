"""A whole training run is described in one config file."""

import numpy
import pytest

from thinc.api import Config, ConfigValidationError, fix_random_seed, registry

RUN = """
[hyper]
width = 12
steps = 200

[data]
classes = 3

[model]
@layers = "chain.v1"

[model.*.hidden]
@layers = "Mish.v1"
nO = ${hyper.width}
dropout = 0.1

[model.*.hidden.init_W]
@initializers = "he_normal_init.v1"

[model.*.output]
@layers = "Softmax.v1"
nO = ${data:classes}

[optimizer]
@optimizers = "RAdam.v1"
L2 = 1e-4

[optimizer.learn_rate]
@schedules = "warmup_linear.v1"
initial_rate = 0.05
warmup_steps = 5
total_steps = ${hyper.steps}

[loss]
@losses = "CategoricalCrossentropy.v3"
normalize = true

[training]
steps = ${hyper.steps}
run = "width-${hyper.width}"

[training.batch_size]
@schedules = "compounding.v1"
start = 8
stop = 32
compound = 1.1
"""


def train(config):
    fix_random_seed(0)
    rng = numpy.random.default_rng(0)
    X = rng.normal(size=(90, 4)).astype("f")
    labels = X[:, :3].argmax(axis=1)
    run = registry.resolve(config)
    model, optimizer, loss = run["model"], run["optimizer"], run["loss"]
    model.initialize(X=X, Y=numpy.eye(3, dtype="f")[labels])
    for _, size in zip(range(run["training"]["steps"]), run["training"]["batch_size"]):
        rows = rng.integers(0, 90, int(size))
        guesses, backprop = model.begin_update(X[rows])
        backprop(loss.get_grad(guesses, labels[rows]))
        model.finish_update(optimizer)
        optimizer.step_schedules()
    return (model.predict(X).argmax(axis=1) == labels).mean(), optimizer


def test_a_run_trains():
    accuracy, optimizer = train(Config().from_str(RUN))

    assert accuracy > 0.9
    assert optimizer.learn_rate == pytest.approx(0.0, abs=1e-3)


def test_a_filled_run_trains_alike():
    config = Config().from_str(RUN, interpolate=False)
    filled = registry.fill(config)

    assert filled["model"]["*"]["hidden"]["nO"] == "${hyper.width}"
    assert "beta1" in filled["optimizer"]
    assert train(Config().from_str(filled.to_str()))[0] == train(Config().from_str(RUN))[0]


def test_overrides_reach_variables():
    run = registry.resolve(Config().from_str(RUN, overrides={"hyper.width": 7}))

    assert run["training"]["run"] == "width-7"


@pytest.mark.parametrize(
    "old,new,cause",
    [
        ("nO = ${hyper.width}", 'nO = "wide"', "model.*.hidden -> nO"),
        ("steps = 200", "steps = 200\nspeed = ${hyper.none}", "hyper"),
        ("RAdam.v1", "Radam.v1", "did you mean 'RAdam.v1'"),
        ("total_steps", "total_stepz", "optimizer.learn_rate -> total_stepz"),
        ('"he_normal_init.v1"', '"he_normal_init.v7"', "model.*.hidden.init_W -> @initializers"),
    ],
)
def test_mistakes_are_reported_with_section_and_key(old, new, cause):
    with pytest.raises(ConfigValidationError) as caught:
        train(Config().from_str(RUN.replace(old, new, 1)))
    assert cause in str(caught.value)
