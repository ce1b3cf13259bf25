"""The ledger once more, written from docs/ledger.md alone: encodings, state function, map, proof bundles."""
