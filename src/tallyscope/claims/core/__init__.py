"""Pure arithmetic on arrays: a preliminary count is all stations less those that were still out."""
