INSERT INTO scopes ("tenant", "user") VALUES
('default', 'ana');
INSERT INTO heads ("scope_id", "version", "seq", "digest", "heard_seq", "indexed_version", "indexed_seq", "fence", "erasures") VALUES
(1, 2, 2, '2a93bb75c5061acad0749ee93f4f4acd638dad3cae60de77a6e3ca5798d1bfb3', 2, 0, 0, 0, 1);
INSERT INTO sessions ("scope_id", "session", "first_seq", "started_at", "last_at", "turns", "next_index", "ended") VALUES
(1, 's1', 1, '2024-03-01 12:00:00.123456', '2024-03-01 12:00:00.123456', 2, 2, FALSE);
INSERT INTO turns ("scope_id", "seq", "message_id", "session", "index", "role", "content", "at", "speaker", "metadata") VALUES
(1, 1, 'm1', 's1', 0, 'user', 'My sister Bo lives in Rome.', '2024-03-01 12:00:00.123456', 'Ana', '{"channel":"web"}');
INSERT INTO turns ("scope_id", "seq", "message_id", "session", "index", "role", "content", "at", "speaker", "metadata") VALUES
(1, 2, 'm2', 's1', 1, 'user', '', '2024-03-01 12:00:00.123456', NULL, '{}');
INSERT INTO batches ("scope_id", "batch_id", "version", "author", "model", "prompt_version", "tokens_in", "tokens_out", "recorded_at") VALUES
(1, 'b1', 1, 'tests/1', NULL, NULL, 0, 0, '2024-03-01 12:00:00.123456');
INSERT INTO batches ("scope_id", "batch_id", "version", "author", "model", "prompt_version", "tokens_in", "tokens_out", "recorded_at") VALUES
(1, 'b2', 2, 'tests/1', NULL, NULL, 0, 0, '2024-03-01 12:00:00.123456');
INSERT INTO operations ("scope_id", "seq", "version", "kind", "subject", "path", "claim_id", "claim_recorded_at", "body", "commitment", "digest") VALUES
(1, 1, 1, 'ADD', 'person:Bo', 'home.city', '000000000000000000000001', '2024-03-01 12:00:00.123456', '{"claim":{"confidence":1.0,"evidence":[{"message_id":"m1","start":13}],"id":"000000000000000000000001","order":0,"origin":"stated","path":"home.city","subject":"person:Bo","supersedes":[],"valid_from":"2024-03-01T12:00:00.123456Z","valid_to":null},"kind":"ADD"}', 'f9b486b9c1d57ef6ac72feaaa7abb0cdd0daf1fda47a768a9f36923b61089c03', '6f8860e28575d57e77d9b48e6c6b36364ad7af8e7b4481af69db6849d0b95541');
INSERT INTO operations ("scope_id", "seq", "version", "kind", "subject", "path", "claim_id", "claim_recorded_at", "body", "commitment", "digest") VALUES
(1, 2, 2, 'NO_OP', NULL, NULL, '000000000000000000000002', NULL, '{"evidence":[{"message_id":"m2","start":7}],"kind":"NO_OP","target":"000000000000000000000002"}', 'e2755dc5fc3f49f2ddf56698478566379d4c96f063597e4a36fa4e9bb76549b4', '2a93bb75c5061acad0749ee93f4f4acd638dad3cae60de77a6e3ca5798d1bfb3');
INSERT INTO operation_words ("scope_id", "seq", "salt", "words") VALUES
(1, 1, X'01010101010101010101010101010101', '{"quotes":["lives in Rome"],"text":"lives in Rome"}');
INSERT INTO claims ("scope_id", "subject", "claim_id", "path", "seq", "claim") VALUES
(1, 'person:Bo', '000000000000000000000001', 'home.city', 1, '{"id":"000000000000000000000001","subject":"person:Bo","path":"home.city","text":"lives in Rome","valid_from":"2024-03-01T12:00:00.123456Z","valid_to":null,"recorded_at":"2024-03-01T12:00:00.123456Z","order":0,"evidence":[{"message_id":"m1","quote":"lives in Rome","start":13}],"origin":"stated","confidence":1.0,"supersedes":[]}');
INSERT INTO jobs ("scope_id", "kind", "payload", "state", "attempts", "run_after", "lease_until", "fence", "error", "raw_reply") VALUES
(1, 'listen', '{}', 'queued', 0, '2024-03-01 12:00:00.123456', NULL, 0, NULL, NULL);
