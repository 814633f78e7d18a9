/**
 * gRPC, as far as the front door serves it: methods, who may call them, and statuses for what goes wrong. A method hands on to
 * an operation. Nothing is checked or decided here, and no thread waits.
 */
@NullMarked
package io.millrace.ingest.grpc;

import org.jspecify.annotations.NullMarked;
