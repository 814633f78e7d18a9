/**
 * A Kafka broker in the process and a PostgreSQL beside it, for development, benchmarks and tests, and a server on both. They
 * begin and end with the process, ask for a password, and keep their data. Nothing of it runs in production.
 */
package io.millrace.infra.embedded;
