"""Systems under measurement: Treering, plain retrievers, and peers, behind one small interface."""
