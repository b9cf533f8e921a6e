"""A mixture with a latent class for every station: none, incremental, extreme. Numerical core; fitted with JAX."""
