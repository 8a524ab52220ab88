"""EUROCONTROL ASTERIX, decoder beside encoder."""
