"""Mode S and ADS-B from Beast frames, decoder beside encoder."""
