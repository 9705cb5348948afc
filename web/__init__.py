"""What the pages of several features have in common: forms, addresses, heads, words, who sends and where a visit began."""
