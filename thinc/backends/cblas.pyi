"""What Python sees of the routines that compiled clients call."""

from typing import Any

class CBlas:
    """The routines of one backend.  Each starts as a plain loop."""

    def use_sgemm(self, capsule: Any) -> None:
        """Multiply with the function in a capsule named "thinc.sgemm", of the type sgemm_ptr."""
