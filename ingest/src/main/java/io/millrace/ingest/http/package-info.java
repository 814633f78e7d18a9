/**
 * HTTP: the table of routes, what each reads and writes, and errors as JSON. A route hands on to an operation, as gRPC does.
 * Each request has a thread of its own and may wait. How HTTP is spoken is in {@code server}.
 */
@NullMarked
package io.millrace.ingest.http;

import org.jspecify.annotations.NullMarked;
