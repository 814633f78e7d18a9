/**
 * A Kafka broker in the process, a PostgreSQL beside it, and a server on both: for development, benchmarks and tests.
 * They begin and end with the process, ask for a password, and keep their data. Nothing of this package runs in
 * production.
 */
@NullMarked
package io.millrace.infra.embedded;

import org.jspecify.annotations.NullMarked;
