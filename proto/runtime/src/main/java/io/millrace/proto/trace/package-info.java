/**
 * Spans that nodes make of what they do for callers that trace: how one looks, its id, and where it goes. How it leaves the
 * process is not said here.
 */
@NullMarked
package io.millrace.proto.trace;

import org.jspecify.annotations.NullMarked;
