/**
 * All that can be asked of the front door, once, whichever way it is asked. An operation checks, and then writes a command or
 * reads. No gRPC and no HTTP. No thread waits: whatever takes time returns a future.
 */
@NullMarked
package io.millrace.ingest.operations;

import org.jspecify.annotations.NullMarked;
