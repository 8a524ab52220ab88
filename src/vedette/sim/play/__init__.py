"""Action and reaction from declared play-books: what two sides may do, when, how probably; played many times."""
