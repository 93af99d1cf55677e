"""Every layer keeps its contract."""

from contracts.layer_suite import LayerSuite


class TestLayers(LayerSuite):
    """The suite."""
