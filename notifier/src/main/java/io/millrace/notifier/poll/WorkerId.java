package io.millrace.notifier.poll;

import java.util.UUID;

/**
 * A worker as it names itself in polls.
 *
 * @param orgId its organisation
 * @param workerId its id or name
 */
public record WorkerId(UUID orgId, String workerId) {}
