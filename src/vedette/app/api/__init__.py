"""What the servers answer, as types: the document, the page's TypeScript and the tests are made from them."""
