/**
 * The command log as modules use it: a command is written, its answer awaited, and refusals are noted. What comes of a command
 * is decided by the engine.
 */
package io.millrace.proto.log;
