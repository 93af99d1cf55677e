"""The Keras models of several tests; TensorFlow is there when this is imported."""

import keras
import numpy

layers = keras.layers
RNG = numpy.random.default_rng(0)


def floats(*shape):
    return RNG.normal(size=shape).astype("f")


def sequential():
    return keras.Sequential(
        [keras.Input((3,)), layers.Dense(8, "tanh"), layers.BatchNormalization(), layers.Dropout(0.2), layers.Dense(2)]
    )


def functional():
    first, second = keras.Input((3,)), keras.Input((4,))
    joined = layers.Concatenate()([layers.Dense(5)(first), layers.Dense(5)(second)])
    return keras.Model([first, second], [layers.Dense(2)(joined), layers.Dense(1)(joined)])


@keras.saving.register_keras_serializable("tests")
class Subclassed(keras.Model):
    def __init__(self, width=5, **options):
        super().__init__(**options)
        self.width = width
        self.hidden, self.out = layers.Dense(width, "relu"), layers.Dense(2)

    def call(self, X):
        return self.out(self.hidden(X))

    def get_config(self):
        return {"width": self.width}
