"""What other packages' tests import from ours."""
