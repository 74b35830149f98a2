"""Who may do what: owners, the tokens of programs, and what owners did."""
