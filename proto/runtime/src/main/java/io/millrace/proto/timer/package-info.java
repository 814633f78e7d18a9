/**
 * Runs tasks again and again on a thread of their own, and goes on if a run fails. The callers know what the tasks do.
 * Times that decide something stand in the log, and not here.
 */
@NullMarked
package io.millrace.proto.timer;

import org.jspecify.annotations.NullMarked;
