"""`python -m demo_site`: the command `demo-site`."""

from demo_site.cli import main

main()
