"""What the README's figures come from; every figure as a ratio measured in one run."""
