"""How good a picture is: tracks measured against any truth table."""
