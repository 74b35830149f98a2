"""A small but nasty review site to practise on."""
