"""Figures, each beside its reference, measured in one run."""
