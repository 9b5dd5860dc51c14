SELECT COALESCE(CEIL(EXTRACT(EPOCH FROM now() - MIN(GREATEST(waiting.queued_at, waiting.run_after)))), 0)::bigint
FROM jobs AS waiting
WHERE waiting.state = 'queued' AND waiting.run_after <= now()
  AND NOT EXISTS (
    SELECT 1 FROM jobs AS running
    WHERE running.scope_id = waiting.scope_id AND running.state = 'running' AND running.lease_until > now()
  )
