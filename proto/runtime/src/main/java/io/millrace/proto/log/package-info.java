/**
 * The command log as modules use it: they write a command, await its answer, and note refusals. The engine decides what
 * comes of a command.
 */
@NullMarked
package io.millrace.proto.log;

import org.jspecify.annotations.NullMarked;
