"""The database of an environment without DATABASE_URL: it loads, and says what to do when it is asked."""
