/**
 * What the engine may be asked for: imperatives, sealed, with everything that decides their outcome in them, down to
 * the version of the rules. Data only. How they stand in the log is known to {@code codec}.
 */
@NullMarked
package io.millrace.dispatcher.engine.command;

import org.jspecify.annotations.NullMarked;
