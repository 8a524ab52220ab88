"""The ``vedette`` command and the web service."""
