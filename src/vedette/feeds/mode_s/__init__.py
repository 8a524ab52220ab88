"""Mode S and ADS-B on 1090 MHz, as receivers with a Beast output give it: decoder beside encoder.

Inside, a message goes through ``_frames`` (escapes, lengths), ``clock`` (time stamps), ``_parity``,
``_messages`` (fields and what is known of each aircraft, kept in ``_aircraft``) and ``_cpr`` (places).
"""
