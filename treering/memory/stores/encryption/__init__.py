"""Encryption at rest: ciphers, the keyring apart from the store, and sealing what is stored already.

Each person's words are sealed with a data key of their own. Data keys stand in a keyring, another database, wrapped by
the master key; `heads.key_version` says which of a person's keys seals their words. So the store alone, or a backup of
it, says nothing, and what a backup holds of somebody is gone for good when the key of that time is destroyed.

The order of writes, so that a death between any two leaves a key too many and never one too few:

1. The new key is written to the keyring, and is on the disk.
2. The store's transaction seals with it, sets `heads.key_version`, and commits.
3. The older keys are destroyed, in the keyring and in its unused bytes.

A version number is never given twice, so that a process that slept through a change can neither overwrite a key in use
nor mistake a new one for its own. A transaction that failed leaves a key of a higher version, which seals nothing; the
next change of keys goes above it and removes it. A death between 2 and 3 leaves a lower version: whoever loads the
person's key next destroys it. Higher ones are left alone meanwhile, because somebody may have opened an old backup
beside the present keyring, where the higher version is the one that the real store lives on.
"""
