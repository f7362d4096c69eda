"""What every test shares."""

from hypothesis import HealthCheck, settings

# The same examples on every run and machine; time is the bench's business.
settings.register_profile(
    "sekisho", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("sekisho")
