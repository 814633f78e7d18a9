/**
 * The way of levels from dispatchers to notifiers: at once within the process, by a topic to other nodes, and only the
 * newest. Both ends know what a level means; this package does not.
 */
@NullMarked
package io.millrace.proto.levels;

import org.jspecify.annotations.NullMarked;
