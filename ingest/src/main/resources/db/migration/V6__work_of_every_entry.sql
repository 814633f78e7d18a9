-- Each row of the trail has a queue and a kind now, also where the command names none. So the read model begins anew: the projector
-- fills it from the beginning of the log, and says how far it is behind.
TRUNCATE workflow_executions, task_executions, event_runs, audit_trail, log_breaks, broken_executions, projection_failures,
    projector_offsets;
