/**
 * What may be under way on a node, and how organisations share it: calls, polls, histories, bytes, connections. Counted before
 * anything is written. Limits of a single request are in {@code validation}.
 */
@NullMarked
package io.millrace.ingest.limits;

import org.jspecify.annotations.NullMarked;
