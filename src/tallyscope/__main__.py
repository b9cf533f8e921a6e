"""`python -m tallyscope` is the `tallyscope` command."""

from tallyscope.cli import main

if __name__ == "__main__":
    main()
