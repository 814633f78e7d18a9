/**
 * Claims as commands on the log, by themselves or riding on the command that brings the work, and what was handed out here
 * lately. Whether the work is granted is for the engine to say.
 */
@NullMarked
package io.millrace.notifier.claim;

import org.jspecify.annotations.NullMarked;
