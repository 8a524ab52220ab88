"""Action and reaction from declared play-books: what two sides may do, when, and how probably; played many times."""
