"""What several blueprints share: forms, addresses, heads of pages, words, who sends."""
