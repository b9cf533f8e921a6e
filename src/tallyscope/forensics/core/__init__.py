"""Numerical cores of the methods: pure functions on NumPy arrays, without files, tables or elections."""
