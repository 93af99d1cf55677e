"""Records of what is promised, and the checks that hold for all of them; imported by tests, not collected."""
