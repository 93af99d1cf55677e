"""The family of our exceptions.

ThincError
├── UnsetError            (KeyError, ValueError)   a dim, ref or param is known but has no value
├── ShapeError            (ValueError)             an array has the wrong shape
├── DTypeError            (TypeError, ValueError)  an array has the wrong dtype
├── ContainerError        (TypeError, ValueError)  a batch comes in a container a layer can't take
├── LabelError            (KeyError, IndexError)   a truth is no class that there is
├── BackpropError         (ValueError)             a callback can't go back, or not again
├── BorderError           (TypeError, ValueError)  an array can't cross into another framework
├── ConversionError       (TypeError, ValueError)  a model can't be turned into one of another framework
├── LoadError             (ValueError, KeyError)   a file can't be loaded; nothing was changed
├── MissingFrameworkError (ImportError)            an optional framework is not installed
└── DeviceError           (ValueError)             a device can't be had
"""


class ThincError(Exception):
    """Base of all errors that thinc raises on its own account.

    where: the path of the layer, `chain[2] > linear`, once the error has passed a layer's border.
    hint: what to do, where the border can tell.
    """

    where: str = ""
    hint: str = ""

    def __str__(self) -> str:
        message = str(self.args[0]) if self.args else ""
        if self.hint and message[-1:] not in ".?!":
            message += "."
        return " ".join(part for part in (self.where and f"{self.where}:", message, self.hint) if part)


class UnsetError(ThincError, KeyError, ValueError):
    """A name is registered, but no value has been set for it."""


class ShapeError(ThincError, ValueError):
    """An array has the wrong shape."""


class DTypeError(ThincError, TypeError, ValueError):
    """An array has the wrong dtype."""


class ContainerError(ThincError, TypeError, ValueError):
    """A batch comes in a container that the layer can't take."""


class LabelError(ThincError, KeyError, IndexError):
    """A truth is no class that there is."""


class BackpropError(ThincError, ValueError):
    """A callback can't go back: after prediction, or for a second time."""


class BorderError(ThincError, TypeError, ValueError):
    """An array can't cross into another framework."""


class ConversionError(ThincError, TypeError, ValueError):
    """A model can't be turned into one of another framework."""


class LoadError(ThincError, ValueError, KeyError):
    """A file can't be loaded; the model is as it was before.

    path: where in the file, for instance `nodes[2].params.W`.
    reason: what is wrong there.
    """

    def __init__(self, path: str, reason: str):
        self.path, self.reason = path, reason
        super().__init__(f"Can't load: {path}: {reason}")

    def __reduce__(self):
        return type(self), (self.path, self.reason)


class MissingFrameworkError(ThincError, ImportError):
    """An optional framework is not installed."""


class DeviceError(ThincError, ValueError):
    """A device can't be had."""
