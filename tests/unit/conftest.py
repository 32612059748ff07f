"""Settings that make every run the same, unless it is to find more."""

import os

from hypothesis import HealthCheck, settings

FUZZ_CASES_VARIABLE = "FUZZ_CASES"
"""How many cases `make fuzz` asks for: new ones in every run."""

settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.register_profile(
    "fuzz",
    max_examples=int(os.environ.get(FUZZ_CASES_VARIABLE) or "1"),
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)
settings.load_profile("fuzz" if os.environ.get(FUZZ_CASES_VARIABLE) else "repeatable")
