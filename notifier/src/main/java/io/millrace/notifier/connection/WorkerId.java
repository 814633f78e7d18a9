package io.millrace.notifier.connection;

import io.millrace.proto.v1.Principal;
import java.util.UUID;

/**
 * A worker as it is known here.
 *
 * @param orgId its organisation
 * @param workerId by which it holds work: the id of its registration, or what it calls itself where that is not sure
 * @param polledAs as it names itself in polls; a name that is no id is told with its principal, if that is known, since workers of
 *     others may name themselves the same
 * @param principal whose worker it is: type and id; empty where that is not known
 */
public record WorkerId(UUID orgId, String workerId, String polledAs, Principal principal) {}
