/**
 * Threads that look after something again and again: at a pace, even if a run fails, or whenever they are woken. The callers know
 * what is done. Times that decide something stand in the log, and not here.
 */
@NullMarked
package io.millrace.proto.thread;

import org.jspecify.annotations.NullMarked;
