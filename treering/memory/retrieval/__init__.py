"""Pure ranking: sparse terms, fusion, fitting to a budget."""
