"""What several blueprints share: forms, static files, addresses, heads of pages, words."""
