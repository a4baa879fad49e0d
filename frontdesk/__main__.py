"""`python -m frontdesk` is `frontdesk`: how `up` starts its own commands, whatever the PATH."""

from frontdesk.cli import main

main()
