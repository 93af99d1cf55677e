"""Layers, losses and optimizers give the numbers of the CPU on the GPU."""

from contracts.device_suite import DeviceSuite


class TestRecords(DeviceSuite):
    """The suite, with the fixture `ops` of all tests here."""
