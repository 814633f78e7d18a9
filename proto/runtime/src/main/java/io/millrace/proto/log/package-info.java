/**
 * The command log as modules use it: they write a command, await its answer, and note refusals. The engine decides what
 * comes of a command.
 */
package io.millrace.proto.log;
