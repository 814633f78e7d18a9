/**
 * What the front door asks of the read model, and what it gets: an interface and its records. No SQL: that is in {@code
 * readmodel}.
 */
@NullMarked
package io.millrace.ingest.queries;

import org.jspecify.annotations.NullMarked;
