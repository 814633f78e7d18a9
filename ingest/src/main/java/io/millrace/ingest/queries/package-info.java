/**
 * What the front door asks of the read model, and what it gets: an interface and its records. No SQL: that is in {@code
 * readmodel}.
 */
package io.millrace.ingest.queries;
