"""What a summary tree is made by: episodes, the sentences that say most, themes. Words come in, values go out."""
