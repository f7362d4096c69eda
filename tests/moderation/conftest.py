"""Property tests here draw the same examples every time; a shared machine's pauses fail none."""

from hypothesis import settings

settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")
