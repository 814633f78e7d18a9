/**
 * The audit trail: who asked for what, and what came of it, put together from the commands and their outcomes as they stand on
 * Kafka. Nothing here trusts the log: each outcome is held against its command, its place and the hashes before it is believed.
 */
@NullMarked
package io.millrace.ingest.audit.trail;

import org.jspecify.annotations.NullMarked;
