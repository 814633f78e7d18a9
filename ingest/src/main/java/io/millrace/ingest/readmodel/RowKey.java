package io.millrace.ingest.readmodel;

import java.util.UUID;

/**
 * What a row of an execution or task is known by.
 *
 * @param orgId organisation it belongs to
 * @param id its id, which another organisation may use as well
 */
record RowKey(UUID orgId, UUID id) {}
