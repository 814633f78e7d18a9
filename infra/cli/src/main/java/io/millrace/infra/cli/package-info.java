/**
 * The command line: options, output, exit codes, and the commands that run in production. A command starts something
 * and tells of it; what it starts is elsewhere. Commands that need more are services of other modules.
 */
@NullMarked
package io.millrace.infra.cli;

import org.jspecify.annotations.NullMarked;
